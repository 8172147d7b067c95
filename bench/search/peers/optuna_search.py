"""Runs Optuna's samplers on test functions; a line of JSON a run. See bench/README.md."""

import json
import sys
import warnings

import optuna

warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)

from functions import functions

samplers = {"gp": optuna.samplers.GPSampler, "tpe": optuna.samplers.TPESampler, "random": optuna.samplers.RandomSampler}


def run(function, sampler, seed, trials):
    """The values in the order of the trials."""
    ranges, evaluate = functions[function]

    def objective(trial):
        ask = trial.suggest_int if all(isinstance(end, int) for end in ranges[0]) else trial.suggest_float
        return evaluate([ask(f"x{at}", low, high) for at, (low, high) in enumerate(ranges)])

    study = optuna.create_study(sampler=samplers[sampler](seed=seed))
    study.optimize(objective, n_trials=trials)
    return [trial.value for trial in study.trials]


for line in sys.stdin:
    task = json.loads(line)
    print(json.dumps({**task, "values": run(**task)}), flush=True)
