"""
Optuna's TPE with its median pruner on recorded trainings, with a clock that is reckoned: so many workers, each of which is
started once and then asks, trains, reports and is told to stop as `study.optimize` has it. A task a line of JSON:
{"seed", "metric", "goal", "workers", "process", "trial", "seconds": {batch size: an epoch's}, "target", "most"}; an answer a line.
"""

import heapq
import json
import sys
import warnings

warnings.filterwarnings("ignore")
import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)


def run(task, space, curves):
    """When the target was met, in seconds, after how many trials; a time of null where it never was."""
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=task["seed"]),
        pruner=optuna.pruners.MedianPruner(),
        direction=task["goal"],
    )
    best, better = (min, lambda value: value <= task["target"]) if task["goal"] == "minimize" else (max, lambda value: value >= task["target"])
    # (time, worker): the next epoch's end of a worker that trains, or the moment at which one is free.
    events = [(task["process"], worker, None) for worker in range(task["workers"])]
    begun = 0
    while events:
        now, worker, training = heapq.heappop(events)
        if training is None:
            if begun == task["most"]:
                continue
            begun += 1
            trial = study.ask()
            cell = tuple(values[trial.suggest_int(name, 0, len(values) - 1)] for name, values in space)
            training = {"trial": trial, "curve": curves[cell][task["metric"]], "epoch": 0, "seconds": task["seconds"][str(int(cell[1]))]}
            heapq.heappush(events, (now + task["trial"] + training["seconds"], worker, training))
            continue
        trial, curve = training["trial"], training["curve"]
        value = curve[training["epoch"]]
        training["epoch"] += 1
        if better(value):
            return now, begun
        trial.report(value, training["epoch"])
        ended = training["epoch"] == len(curve)
        if trial.should_prune():
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        elif ended:
            study.tell(trial, best(curve))
        else:
            heapq.heappush(events, (now + training["seconds"], worker, training))
            continue
        heapq.heappush(events, (now, worker, None))
    return None, begun


given = json.loads(sys.stdin.readline())
space = list(given["space"].items())
curves = {tuple(row["cell"]): row for row in given["runs"]}
for line in sys.stdin:
    at, trials = run(json.loads(line), space, curves)
    print(json.dumps({"at": at, "trials": trials}), flush=True)
