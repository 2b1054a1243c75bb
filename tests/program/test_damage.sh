. "$(dirname "$0")/lib.sh"

# Foreign, truncated and corrupted files are refused with a message, by every command that reads them.
campaign small.yaml 1
expect 0 "$engram" run small.yaml -o good.h5
refused() {
  for command in "report $1" "export $1 --table hopfield_capacity" "compare good.h5 $1" \
    "plan small.yaml --machine $1" "run small.yaml -o $1 --resume"; do
    # shellcheck disable=SC2086 # word splitting is wanted
    expect 2 "$engram" $command
    says err "$1"
  done
  [ ! -e "$1.journal" ] || rm -rf "$1.journal"
}
: >empty.h5
refused empty.h5
head -c 5000 /dev/urandom >random.h5
refused random.h5
cp small.yaml text.h5
refused text.h5
mkdir folder.h5
refused folder.h5
size=$(wc -c <good.h5)
for part in 8 100 2048 $((size / 2)) $((size - 40)) $((size - 1)); do
  head -c "$part" good.h5 >cut.h5
  refused cut.h5
done
for place in 9 200 1500 $((size / 3)) $((size / 2)) $((size - 5)); do
  cp good.h5 flipped.h5
  printf '\377\000\377' | dd of=flipped.h5 bs=1 seek="$place" conv=notrunc 2>/dev/null
  refused flipped.h5
done

# A damaged journal keeps its good entries.
long_campaign long.yaml 30
expect 3 "$engram" run long.yaml -o r.h5 --time-limit 0.3
counted r.h5 >part.csv
expect 0 "$engram" run long.yaml -o calm.h5
counted calm.h5 >calm.csv
mpirun --oversubscribe --bind-to none -n 2 "$engram" run long.yaml -o torn.h5 >out 2>err &
launcher=$!
wait_for_entries torn.h5
kill -9 "$(pgrep -f "^$engram run long.yaml -o torn.h5" | head -n 1)"
wait $launcher
while pgrep -f "^$engram run long.yaml -o torn.h5" >/dev/null; do sleep 0.1; done
journal=$(find torn.h5.journal -name "rank-*.journal" -size +15 | head -n 1)
[ -s "$journal" ] || fail "no journal to damage"
middle=$(($(wc -c <"$journal") / 2))
printf 'garbage' | dd of="$journal" bs=1 seek=$middle conv=notrunc 2>/dev/null
printf 'torn tai' >>"$journal"
expect 0 "$engram" report torn.h5
says out "damaged"
expect 0 "$engram" run long.yaml -o torn.h5 --resume
does_not_say err " 0 were there"
counted torn.h5 >torn.csv
same calm.csv torn.csv

# A rank's file that vanishes while the run goes on costs no record: the journal stays, and the rest is run anew.
mpirun --oversubscribe --bind-to none -n 2 "$engram" run long.yaml -o gone.h5 >out 2>err &
launcher=$!
wait_for_entries gone.h5
rm gone.h5.journal/rank-00001.journal
wait $launcher
[ $? -eq 1 ] || fail "records that cannot be read back: not 1"
says err "units can be read back"
[ -s gone.h5.journal/rank-00000.journal ] || fail "the journal went"
expect 0 "$engram" run long.yaml -o gone.h5 --resume
counted gone.h5 >gone.csv
same calm.csv gone.csv
