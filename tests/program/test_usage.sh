. "$(dirname "$0")/lib.sh"

# Every command explains itself, and refuses what it does not know with 2 and a pointer.
expect 0 "$engram" --help
for command in list check plan run report compare export info; do
  says out "  $command "
done
for command in list check plan run report compare export info; do
  expect 0 "$engram" "$command" --help
  says out "Usage: engram $command"
  expect 2 "$engram" "$command" --no-such-option
  says err "no-such-option"
done
for command in list run report; do
  for help in "$command -h" "$command --usage" "help $command"; do
    # shellcheck disable=SC2086 # word splitting is wanted
    expect 0 "$engram" $help
    says out "Usage: engram $command"
  done
done
if [ -c /dev/full ]; then
  for option in --help --version "run --help"; do
    # shellcheck disable=SC2086 # word splitting is wanted
    "$engram" $option >/dev/full 2>err && fail "$option into a full disk"
    says err "standard output"
  done
fi
expect 0 "$engram" --version
says out "^engram [0-9]"
expect 2 "$engram"
expect 2 "$engram" dance
says err "no command 'dance'"
expect 2 env ENGRAM_KERNELS=mmx "$engram" list
says err "ENGRAM_KERNELS=mmx"

# What is missing is named.
expect 2 "$engram" check
says err "which campaign"
expect 2 "$engram" run x.yaml
says err "-o R.h5 is required"
expect 2 "$engram" run x.yaml -o ""
says err "-o R.h5 is required"
expect 2 "$engram" report x.h5 -o ""
says err "takes a folder"
for shard in 1/4294967298 0/4294967297 1/ /2 1/2x; do
  expect 2 "$engram" run x.yaml -o r.h5 --shard $shard
  says err "I/N"
done
expect 2 "$engram" run x.yaml -o r.h5 --resume --force
says err "exclude"
expect 2 "$engram" run x.yaml -o r.h5 --shard 3/3
says err "I/N"
expect 2 "$engram" run x.yaml -o r.h5 --time-limit soon
says err "seconds"
expect 2 "$engram" plan x.yaml --memory-per-rank much
says err "bytes"
expect 2 "$engram" export r.h5
says err "--table EXPERIMENT is required"
expect 2 "$engram" export r.h5 --table t --format xml
says err "csv or json"
for command in report compare; do
  expect 2 "$engram" $command a.h5 b.h5 --format xml
  says err "text, markdown or json"
done
expect 2 "$engram" report
says err "which results"
expect 2 "$engram" report nowhere.h5
says err "nowhere.h5"
expect 2 "$engram" run nowhere.yaml -o r.h5
says err "nowhere.yaml"

# The tables explain every parameter and column.
expect 0 "$engram" list
for experiment in machine attention convolution recurrent hopfield_capacity hopfield_images order_capacity phasor_capacity; do
  says out "  $experiment "
done
for shape in bert-base gpt2-xl llama-3-8b vit-b-16 gnmt; do says out "  $shape "; done
for claim in CX1 CX2 CX3 CX6 AP1 AP4 HC1a HC1b HC2 HC2b HC3 HC4a HC4b HC7a HC7b HF1 HF2 HF3; do says out "  $claim "; done
expect 0 "$engram" list hopfield_capacity
for field in neurons load rule dynamics initial_overlap trials patterns overlap successes sweeps flips cycles; do
  says out "^  $field  "
done
says out "hebb pseudo_inverse"
expect 0 "$engram" list bert-base
says out "length: 512"
expect 0 "$engram" list HC1a
says out "hopfield_capacity: "
expect 2 "$engram" list nothing_of_that_name
expect 0 "$engram" info
says out "^kernels"
says out "^rank 0"
