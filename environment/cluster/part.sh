#!/usr/bin/env bash
# What a cluster runs of the paper's downstream and sensitivity studies; slurm.sh and kubernetes.yaml call it.
#   part.sh shard I N FOLDER   makes the I-th of N parts in FOLDER/shard-I, going on where it was stopped
#   part.sh merge FOLDER       brings the parts together in FOLDER/merged and writes the tables to FOLDER/figures/paper, with
#                              empty places where cells are missing; computes none
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
run=(node dist/environment/studies.js)
studies=(downstream-paper sensitivity-paper)

# Cells are kept in a folder where nobody else works: locks in it are of a sitting that was stopped, perhaps on another
# machine, whose processes cannot be asked; left there, they would be waited for.
keep_cells_in() {
  export VARJEPA_RUNS=$1
  mkdir -p "$VARJEPA_RUNS"
  find "$VARJEPA_RUNS" -name '.var-jepa-*' -delete
}

case "${1:-}" in
  shard)
    keep_cells_in "$4/shard-$2"
    exec "${run[@]}" run "${studies[@]}" --shard "$2/$3"
    ;;
  merge)
    keep_cells_in "$2/merged"
    export VARJEPA_FIGURES=$2/figures
    "${run[@]}" merge "$2"/shard-*
    exec "${run[@]}" run "${studies[@]}" --budget 0s
    ;;
  *)
    echo "part.sh: name what to do: shard I N FOLDER, or merge FOLDER" >&2
    exit 2
    ;;
esac
