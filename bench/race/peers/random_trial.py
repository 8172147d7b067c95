"""One trial of a random sweep: a process a trial, as W&B's agent runs a program. Argument: {"pictures", "space", "seed", "trial", "epochs"}."""

import random

from keras_trial import arguments, keras, read_pictures, tell, train

task = arguments()
draw = random.Random(f"{task['seed']} {task['trial']}")
cell = {name: draw.choice(values) for name, values in task["space"].items()}
keras.utils.set_random_seed(task["seed"] * 1000 + task["trial"])
train(
    cell,
    read_pictures(task["pictures"]),
    task["epochs"],
    lambda epoch, loss, accuracy: tell(task["trial"], cell, epoch, loss, accuracy),
)
