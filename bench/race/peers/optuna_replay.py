"""
Optuna's TPE with its median pruner on recorded trainings, with a clock that is reckoned: so many workers, each of which is
started once and then asks, trains, reports and is told to stop as `study.optimize` has it. A task a line of JSON:
{"seed", "metric", "goal", "workers", "process", "trial", "seconds": {batch size: an epoch's}, "targets", "most", "prunes", "patience"}; an answer a line.
"""

import heapq
import json
import sys
import warnings

warnings.filterwarnings("ignore")
import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)


def run(task, space, curves):
    """For each target, when it was met, in seconds, and how many trials had been begun; null where it never was."""
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=task["seed"]),
        pruner=optuna.pruners.MedianPruner() if task["prunes"] else optuna.pruners.NopPruner(),
        direction=task["goal"],
    )
    least = task["goal"] == "minimize"
    met = [None] * len(task["targets"])
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
            training = {"trial": trial, "curve": curves[cell][task["metric"]], "epoch": 0, "best": None, "since": 0, "seconds": task["seconds"][str(int(cell[1]))]}
            heapq.heappush(events, (now + task["trial"] + training["seconds"], worker, training))
            continue
        trial, curve = training["trial"], training["curve"]
        value = curve[training["epoch"]]
        training["epoch"] += 1
        for at, target in enumerate(task["targets"]):
            if met[at] is None and (value <= target if least else value >= target):
                met[at] = {"at": now, "trials": begun}
        if None not in met:
            return met
        trial.report(value, training["epoch"])
        # Keras' EarlyStopping, which is the trainer's own affair: to Optuna the trial is complete.
        if training["best"] is None or (value < training["best"] if least else value > training["best"]):
            training["best"], training["since"] = value, 0
        else:
            training["since"] += 1
        stalled = task["patience"] is not None and training["since"] >= task["patience"]
        ended = stalled or training["epoch"] == len(curve)
        if trial.should_prune():
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        elif ended:
            study.tell(trial, training["best"])
        else:
            heapq.heappush(events, (now + training["seconds"], worker, training))
            continue
        heapq.heappush(events, (now, worker, None))
    return met


given = json.loads(sys.stdin.readline())
space = list(given["space"].items())
curves = {tuple(row["cell"]): row for row in given["runs"]}
for line in sys.stdin:
    print(json.dumps(run(json.loads(line), space, curves)), flush=True)
