"""
A worker of an Optuna study with TPE and the median pruner, as they come; several share the study by its journal. It goes on
until it is ended. Argument: {"pictures", "space", "seed", "worker", "epochs", "metric", "goal", "journal"}.
"""

import optuna
from keras_trial import arguments, keras, read_pictures, tell, train
from optuna.storages.journal import JournalFileBackend

task = arguments()
optuna.logging.set_verbosity(optuna.logging.ERROR)
pictures = read_pictures(task["pictures"])
at = {"validation_loss": 0, "validation_accuracy": 1}[task["metric"]]
best = min if task["goal"] == "minimize" else max


def objective(trial):
    # Places in the lists, so that the sampler knows their order.
    cell = {name: values[trial.suggest_int(name, 0, len(values) - 1)] for name, values in task["space"].items()}
    keras.utils.set_random_seed(task["seed"] * 1000 + trial.number)
    seen, pruned = [], []

    def after_epoch(epoch, *figures):
        tell(trial.number + 1, cell, epoch, *figures)
        seen.append(figures[at])
        trial.report(figures[at], epoch)
        if trial.should_prune():
            pruned.append(epoch)
        return len(pruned) > 0

    train(cell, pictures, task["epochs"], after_epoch)
    if pruned:
        raise optuna.TrialPruned()
    return best(seen)


study = optuna.create_study(
    study_name="race",
    storage=optuna.storages.JournalStorage(JournalFileBackend(task["journal"])),
    sampler=optuna.samplers.TPESampler(seed=task["seed"] * 10 + task["worker"]),
    pruner=optuna.pruners.MedianPruner(),
    direction=task["goal"],
    load_if_exists=True,
)
study.optimize(objective)
