"""CPU seconds that Keras takes, as a line of JSON: to be there, to set up a trial, and an epoch by batch size. Argument: {"pictures", "batch_sizes", "epochs"}."""

import json
import statistics
import time

from keras_trial import arguments, read_pictures, train

task = arguments()
pictures = read_pictures(task["pictures"])
process = time.process_time()
setups, seconds = [], {}
for batch_size in task["batch_sizes"]:
    times = [time.process_time()]
    cell = {"lr": 0.001, "batch_size": batch_size, "dropout": 0.3}
    train(cell, pictures, task["epochs"], lambda *_: times.append(time.process_time()))
    first, *others = [after - before for before, after in zip(times, times[1:])]
    seconds[str(batch_size)] = statistics.median(others)
    setups.append(first - seconds[str(batch_size)])
print(json.dumps({"process": process, "trial": statistics.median(setups), "epoch": seconds}))
