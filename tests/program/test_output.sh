. "$(dirname "$0")/lib.sh"

# What is in the way of an output, and what becomes of it.
campaign small.yaml 1

# A run that adds nothing leaves the file as it is; one that adds something remembers the launches before.
expect 0 on 3 "$engram" run small.yaml -o r.h5
cp r.h5 before.h5
expect 0 "$engram" run small.yaml -o r.h5 --resume
same r.h5 before.h5
[ ! -e r.h5.journal ] || fail "a journal of nothing"
campaign small.yaml 2
expect 0 "$engram" run small.yaml -o r.h5 --resume
says r.h5 'jobsize":3,'
expect 0 "$engram" report r.h5
[ "$(nproc)" -gt 2 ] || says out "oversubscribed machine: 3 threads"

# What is pending is said by the file.
expect 3 "$engram" run small.yaml -o some.h5 --time-limit 0.000001
expect 0 "$engram" report some.h5
says out "32 units of the campaign are pending"

# --force replaces results and nothing else, and not before there are others.
expect 2 "$engram" run small.yaml -o small.yaml --force
says err "holds no results"
says small.yaml "hopfield_capacity"
expect 2 "$engram" run small.yaml -o /dev/null --force
[ -c /dev/null ] || fail "/dev/null was replaced"
expect 3 "$engram" run small.yaml -o r.h5 --force --time-limit 0.000001
counted r.h5.replaced | wc -l >out
says out '^ *33$'
cp r.h5.replaced r.h5.old
expect 3 "$engram" run small.yaml -o r.h5 --force --time-limit 0.000001
same r.h5.replaced r.h5.old
expect 0 "$engram" run small.yaml -o r.h5 --resume
[ ! -e r.h5.replaced ] || fail "old results outlived the new ones"
[ -e r.h5.old ] || fail "a copy of somebody's own went with them"

# A link stays one, where it leads to nothing, too.
mkdir scratch
ln -s scratch/there.h5 link.h5
expect 0 "$engram" run small.yaml -o link.h5
[ -h link.h5 ] && [ ! -h scratch/there.h5 ] && [ -s scratch/there.h5 ] || fail "the link was replaced"
campaign small.yaml 3
expect 0 "$engram" run small.yaml -o link.h5 --resume
[ -h link.h5 ] || fail "the link was replaced when resumed"
counted scratch/there.h5 | wc -l >out
says out '^ *49$'
expect 0 "$engram" run small.yaml -o link.h5 --force
[ -h link.h5 ] && [ ! -e scratch/there.h5.replaced ] || fail "the link was replaced by --force"
