. "$(dirname "$0")/lib.sh"

# A rank or mpirun killed at a random moment loses no finished unit, and the resumed run ends with the same records
# as one that was left in peace.
long_campaign long.yaml 100
expect 0 on 2 "$engram" run long.yaml -o calm.h5
counted calm.h5 >calm.csv || fail "export"

# A fresh campaign name in the command line tells this test's processes from those of others.
ranks_running() { pgrep -f "^$engram run long.yaml -o broken.h5" || true; }
wait_for_none() {
  tries=0
  while [ -n "$(ranks_running)" ]; do
    tries=$((tries + 1))
    [ $tries -lt 1200 ] || fail "ranks go on after mpirun was killed: $(ranks_running)"
    sleep 0.1
  done
}

kills=0
for delay in 0.9 1.3 1.1 1.6 1.2 1.4; do
  mpirun --oversubscribe --bind-to none -n 2 "$engram" run long.yaml -o broken.h5 --resume >out 2>err &
  launcher=$!
  sleep $delay
  if [ $((kills % 2)) -eq 0 ]; then victim=$(ranks_running | tail -n 1); else victim=$launcher; fi
  [ -z "$victim" ] || kill -9 "$victim" 2>/dev/null || true
  wait $launcher
  wait_for_none
  kills=$((kills + 1))
  # What is there can be read at any time.
  [ ! -e broken.h5.journal ] || expect 0 "$engram" report broken.h5
done
[ -e broken.h5.journal ] || echo "note: the run ended before the last kill"
expect 0 on 2 "$engram" run long.yaml -o broken.h5 --resume
counted broken.h5 >broken.csv || fail "export"
same calm.csv broken.csv
