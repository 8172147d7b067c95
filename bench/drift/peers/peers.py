"""Evidently and Alibi Detect on the windows that Drover judged. Arguments: the folder with `trials.json`. Prints a line of JSON a trial.

A score is small where there is drift: a p, or a distance with its sign turned.
"""

import json
import logging
import os
import sys
import warnings

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

import numpy as np
import pandas as pd
import torch
from alibi_detect.cd import ChiSquareDrift, ClassifierDrift, KSDrift, MMDDrift
from evidently.legacy.calculations.stattests import chi_stat_test, ks_stat_test
from evidently.legacy.core import ColumnType
from evidently.legacy.metrics.data_drift.embedding_drift_methods import mmd, model
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression

torch.set_num_threads(1)
permutations = 499
folder = sys.argv[1]
with open(os.path.join(folder, "trials.json")) as file:
    work = json.load(file)
dimensions, statistics, classes = work["dimensions"], work["statistics"], work["classes"]
width = dimensions + len(statistics) + classes
files = {}


def rows_of(name, rows):
    if name not in files:
        files[name] = np.fromfile(os.path.join(folder, name + ".f32"), dtype=np.float32).reshape(-1, width)
    return files[name][rows]


def parts(rows):
    end = dimensions + len(statistics)
    return rows[:, :dimensions], rows[:, dimensions:end], rows[:, end:]


def least_of(result):
    return float(np.min(result["data"]["p_val"])) * np.size(result["data"]["p_val"])


def discrepancy(before, now):
    found = MMDDrift(before, backend="pytorch", n_permutations=permutations, device="cpu").predict(now)["data"]
    # Many windows have the least p that there can be: of two with one p, the one that is farther away has the lower score.
    return float(found["p_val"]) - 1e-6 * float(found["distance"])


def frame(stats, probabilities, known):
    data = pd.DataFrame(stats[:, known], columns=np.array(statistics)[known])
    for at in range(classes):
        data[f"probability {at}"] = probabilities[:, at]
    data["class"] = probabilities.argmax(1).astype(str)
    return data


def evidently_columns(before, now):
    """The least p of the preset's tests. Called one by one: the report around them takes ten times as long, and says the same."""
    values = []
    for name in before.columns:
        test, kind = (chi_stat_test, ColumnType.Categorical) if name == "class" else (ks_stat_test, ColumnType.Numerical)
        values.append(test(before[name], now[name], kind, 0.05).drift_score)
    return float(min(values)) * len(values)


for trial in work["trials"]:
    embedded, stats, answers = parts(rows_of("clean", trial["reference"]))
    embedded_now, stats_now, answers_now = parts(rows_of(trial["window"]["file"], trial["window"]["rows"]))
    np.random.seed(1)
    torch.manual_seed(1)
    pca = PCA(32, random_state=0).fit(embedded)
    few, few_now = pca.transform(embedded).astype(np.float32), pca.transform(embedded_now).astype(np.float32)
    known = np.isfinite(stats).all(0)
    values = np.concatenate([stats[:, known], answers], 1)
    values_now = np.concatenate([stats_now[:, known], answers_now], 1)
    said, said_now = answers.argmax(1)[:, None], answers_now.argmax(1)[:, None]
    alibi = {
        "Alibi Detect KSDrift, statistics and probabilities": least_of(KSDrift(values).predict(values_now)),
        "Alibi Detect KSDrift, 32 components of embeddings": least_of(KSDrift(few).predict(few_now)),
        "Alibi Detect ChiSquareDrift, classes": least_of(
            ChiSquareDrift(said, categories_per_feature={0: classes}).predict(said_now)
        ),
        "Alibi Detect ClassifierDrift, embeddings": float(
            ClassifierDrift(
                embedded, LogisticRegression(max_iter=200), backend="sklearn", n_folds=5, train_size=None
            ).predict(embedded_now)["data"]["p_val"]
        ),
        "Alibi Detect MMDDrift, embeddings": discrepancy(embedded, embedded_now),
    }
    scores = {
        **alibi,
        # Bonferroni's correction, but for a factor: what somebody has who runs all five.
        "Alibi Detect, all five": min(alibi.values()),
        "Evidently ks and chisquare, statistics, probabilities, classes": evidently_columns(
            frame(stats, answers, known), frame(stats_now, answers_now, known)
        ),
        "Evidently embeddings, model": -model()(pd.DataFrame(embedded_now), pd.DataFrame(embedded))[0],
        "Evidently embeddings, mmd": -mmd()(pd.DataFrame(embedded_now), pd.DataFrame(embedded))[0],
    }
    print(json.dumps({"drift": trial["drift"], "scores": scores}), flush=True)
