# Sourced by the command-line tests: sh test_NAME.sh ENGRAM SOURCE_DIR, in a folder of its own that may be littered.
# Every check prints what it expected before it ends the test.

set -u
engram=$1
source_dir=$2
name=$(basename "$0" .sh)
work=$PWD/$name.dir
chmod -R u+w "$work" 2>/dev/null
rm -rf "$work"
mkdir -p "$work"
cd "$work" || exit 1
export OMP_NUM_THREADS=1

fail() {
  printf 'FAILED: %s\n' "$*"
  [ ! -s out ] || { echo "--- standard output"; head -n 40 out; }
  [ ! -s err ] || { echo "--- standard error"; head -n 40 err; }
  exit 1
}

# Tells ctest that the test cannot be made here, and why.
skip() {
  printf 'SKIPPED: %s\n' "$*"
  exit 77
}

# expect STATUS COMMAND...: runs it with its output in the files out and err.
expect() {
  wanted=$1
  shift
  "$@" >out 2>err
  got=$?
  [ "$got" -eq "$wanted" ] || fail "'$*' gave status $got, not $wanted"
}

# says FILE PATTERN: an extended regular expression that must be found in the file.
says() { grep -Eq -- "$2" "$1" || fail "no '$2' in $1"; }
does_not_say() { ! grep -Eq -- "$2" "$1" || fail "'$2' in $1"; }

same() { cmp -s "$1" "$2" || fail "$1 and $2 differ: $(diff "$1" "$2" | head -n 4)"; }

# on RANKS COMMAND...: under mpirun.
on() {
  ranks=$1
  shift
  mpirun --oversubscribe --bind-to none -n "$ranks" "$@"
}

# wait_for_entries FILE.h5: until one rank of a run in the background has journalled a few units, however fast the
# machine is.
wait_for_entries() {
  tries=0
  while ! find "$1.journal" -name 'rank-*.journal' -size +15 2>/dev/null | grep -q .; do
    tries=$((tries + 1))
    [ $tries -lt 2400 ] || fail "no entries in the journal of $1 after a minute"
    sleep 0.025
  done
}

# counted FILE.h5: the table of the counted experiment as CSV on standard output.
counted() { "$engram" export "$1" --table hopfield_capacity --format csv; }

# campaign FILE REPEATS: 16 * REPEATS counted units of every kind, a few milliseconds each.
campaign() {
  write_campaign "$1" "$2" "60, 300"
}

# long_campaign FILE REPEATS: the same with larger networks, about 25 milliseconds each.
long_campaign() {
  write_campaign "$1" "$2" "400, 1200"
}

write_campaign() {
  cat >"$1" <<END
name: $(basename "$1" .yaml)
seed: 3
experiments:
  - experiment: hopfield_capacity
    set: {trials: 4}
    vary: {neurons: [$3], load: [0.10, 0.15], rule: [hebb, pseudo_inverse], dynamics: [asynchronous, synchronous]}
    repeats: $2
END
}
