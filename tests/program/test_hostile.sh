. "$(dirname "$0")/lib.sh"

# Campaign files that are empty, binary, huge, deeply nested or alias bombs: a message and 2, at once.
refused() {
  expect 2 timeout 10 "$engram" check "$1"
  [ -s err ] || fail "no message for $1"
}
: >empty.yaml
refused empty.yaml
head -c 4096 /dev/urandom >binary.yaml
refused binary.yaml
head -c 3000000 /dev/zero | tr '\0' 'a' >huge.yaml
refused huge.yaml
head -c 100000 /dev/zero | tr '\0' '[' >deep.yaml
refused deep.yaml
{
  echo 'a0: &a0 [x, x, x, x, x, x, x, x, x]'
  for i in 1 2 3 4 5 6 7 8 9; do
    p=$((i - 1))
    echo "a$i: &a$i [*a$p, *a$p, *a$p, *a$p, *a$p, *a$p, *a$p, *a$p, *a$p]"
  done
} >bomb.yaml
refused bomb.yaml
mkdir folder.yaml
refused folder.yaml
refused missing.yaml

# Every mistake of a file in one go, with line, nearest name and bounds.
cat >wrong.yaml <<END
name: wrong
seed: 1
experiments:
  - experiment: hopfeld_capacity
    set: {neurons: 100, load: 0.1}
  - experiment: hopfield_capacity
    set: {neurons: 100, lod: 0.1}
    vary: {rule: [heb], initial_overlap: [1.5]}
  - experiment: hopfield_capacity
    set: {neurons: many, load: 0.1}
    repeats: 0
END
expect 2 "$engram" check wrong.yaml
says err "wrong.yaml:4:.*hopfield_capacity"
says err "wrong.yaml:7:.*load"
says err "wrong.yaml:8:.*hebb"
says err "wrong.yaml:8:.*1"
says err "wrong.yaml:10:.*many"
says err "wrong.yaml:11:"
says err "hopfeld_capacity"
expect 2 on 2 "$engram" run wrong.yaml -o r.h5
says err "wrong.yaml:4:"
[ ! -e r.h5 ] && [ ! -e r.h5.journal ] || fail "a mistake reached a running job"
for campaign in "$source_dir"/experiments/campaigns/*.yaml; do expect 0 "$engram" check "$campaign"; done
