. "$(dirname "$0")/lib.sh"

# USR1 through mpirun, and TERM to a single process, stop at the next safe point: 3, resumable.
long_campaign long.yaml 60
mpirun --oversubscribe --bind-to none -n 2 "$engram" run long.yaml -o r.h5 >out 2>err &
launcher=$!
wait_for_entries r.h5
kill -USR1 $launcher
wait $launcher
[ $? -eq 3 ] || fail "USR1 through mpirun: not 3"
says err "stopped early"
[ -e r.h5 ] || fail "no file after a clean stop"
expect 0 "$engram" report r.h5

"$engram" run long.yaml -o r.h5 --resume >out 2>err &
single=$!
wait_for_entries r.h5
kill -TERM $single
wait $single
status=$?
[ $status -eq 3 ] || fail "TERM to a process: status $status, not 3"

# The time limit is a stop of the same kind.
expect 3 "$engram" run long.yaml -o limited.h5 --time-limit 0.3
says err "stopped early"
expect 0 on 2 "$engram" run long.yaml -o r.h5 --resume
expect 0 on 2 "$engram" run long.yaml -o limited.h5 --resume
counted r.h5 >r.csv
counted limited.h5 >limited.csv
same r.csv limited.csv

# Two runs cannot share a journal.
"$engram" run long.yaml -o shared.h5 >first.out 2>first.err &
single=$!
wait_for_entries shared.h5
expect 2 "$engram" run long.yaml -o shared.h5 --resume
says err "in use|another run"
kill -TERM $single
wait $single
true
