. "$(dirname "$0")/lib.sh"

# A full disk: a message, exit 1, nothing lost, resumable.
mkdir disk
mount -t tmpfs -o size=96k none disk 2>/dev/null || skip "may not mount a tmpfs here"
trap 'umount "$work/disk"' EXIT

long_campaign long.yaml 30
expect 0 on 2 "$engram" run long.yaml -o calm.h5
counted calm.h5 >calm.csv || fail "export"

expect 1 on 2 "$engram" run long.yaml -o disk/r.h5
says err "[Nn]o space left"
expect 0 "$engram" report disk/r.h5
expect 1 "$engram" run long.yaml -o disk/r.h5 --resume
says err "[Nn]o space left"
mount -o remount,size=64m disk || fail "remount"
expect 0 on 2 "$engram" run long.yaml -o disk/r.h5 --resume
does_not_say err " 0 were there"
counted disk/r.h5 >full.csv || fail "export"
same calm.csv full.csv

# A folder that cannot be written, a file where a folder should be.
touch file
expect 1 "$engram" run long.yaml -o file/r.h5
says err "file/r.h5"
expect 1 "$engram" run long.yaml -o /proc/r.h5
expect 1 "$engram" report calm.h5 -o file/report
says err "file/report"
sh -c '"$1" export calm.h5 --table hopfield_capacity >/dev/full' sh "$engram" 2>err && fail "output to a full device"
true
