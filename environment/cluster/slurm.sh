#!/usr/bin/env bash
# The paper's downstream and sensitivity studies on a Slurm cluster. On a login node, with the project built on a disk that
# all nodes see and the data sets at hand (environment/README.md says how):
#   bash environment/cluster/slurm.sh [options of sbatch, such as --partition=NAME --account=NAME --time=12:00:00]
# submits an array job of SHARDS tasks and a job that merges them when all have ended. Cells, tables and logs go to FOLDER.
#SBATCH --job-name=var-jepa
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=2
#SBATCH --mem-per-cpu=8G
#SBATCH --time=24:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@120
set -euo pipefail

# 70 encoders of each study are dealt out; every one of them is trained by one process.
SHARDS=35
# Of these so many run at the same time.
AT_ONCE=35

if [[ ${1:-} != shard && ${1:-} != merge ]]; then
  project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
  folder=${FOLDER:-$project/runs/cluster}
  mkdir -p "$folder/logs"
  folder=$(cd "$folder" && pwd)
  common=(--parsable --chdir="$project" "$@")
  array=$(sbatch "${common[@]}" --array="1-$SHARDS%$AT_ONCE" --output="$folder/logs/shard-%a.txt" \
    "$project/environment/cluster/slurm.sh" shard "$SHARDS" "$folder")
  # With --parsable the answer is the job's number, behind it ";cluster" where there are several.
  merge=$(sbatch "${common[@]}" --dependency="afterany:${array%%;*}" --output="$folder/logs/merge.txt" \
    "$project/environment/cluster/slurm.sh" merge "$folder")
  echo "job ${array%%;*} makes $SHARDS parts, job ${merge%%;*} merges them; logs are in $folder/logs"
  exit
fi

# From here on in a job: Slurm runs a copy of this file, in the project's folder.
export VARJEPA_WORKERS=${SLURM_CPUS_PER_TASK:-1}
if [[ $1 == merge ]]; then
  exec environment/cluster/part.sh merge "$2"
fi

# Two minutes before the time limit, or when an administrator asks for it: stop, and queue this task again. A training goes
# on with the epoch that it was in; a predictor that was learning begins anew.
again() {
  trap '' USR1
  kill -TERM "$part" 2> /dev/null || true
  wait "$part" || true
  exec scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
}
environment/cluster/part.sh shard "$SLURM_ARRAY_TASK_ID" "$2" "$3" &
part=$!
trap again USR1
wait "$part"
