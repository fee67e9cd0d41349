"""How often does PyTorch Geometric give other parameters when it trains a model again with the same seed? Three
comparisons: one thread twice, two threads instead of one, two threads twice. Started by reproducibility.sh in an
environment that has the library.

FOLDER holds graph files NAME.h5, and for each a NAME.txt that says how to train: "heads 3, width 8, layers 2, ...",
with the names of tests/matrix_cases.h. Models are GATConv layers on the whole graph, float32, on CPUs, a few
epochs. All bytes of all parameters are compared. Prints the number of trainings, and how many differed in each
comparison.
"""
import argparse
from pathlib import Path

import h5py
import numpy as np
import torch
import torch.nn.functional as F
from peer_epochs import read_features
from torch_geometric.nn import GATConv

EPOCHS = 4
ACTIVATION = {"elu": F.elu, "relu": F.relu, "none": lambda x: x}
OPTIMIZER = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}


def read_case(path):
    """The options in NAME.txt."""
    words = (item.split(" ", 1) for item in path.with_suffix(".txt").read_text().strip().split(", "))
    return dict(words)


def read_graph(path):
    """Features, edges [2, E], features of edges or None, targets, training mask, number of outputs."""
    with h5py.File(path) as file:
        x, indptr = read_features(file), file["graph/indptr"][:]
        targets = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
        edges = torch.from_numpy(np.stack([file["graph/indices"][:].astype(np.int64), targets]))
        attr = torch.from_numpy(file["graph/edge_attr"][:]) if "graph/edge_attr" in file else None
        train = torch.from_numpy(file["node/split/train"][:].reshape(len(x)).astype(bool))
        return x, edges, attr, torch.from_numpy(file["node/y"][:]), train, int(file.attrs["num_outputs"])


def make_model(case, inputs, attr, outputs):
    """The layers, the last one averaging its heads."""
    layers, loops = torch.nn.ModuleList(), case["loops"] in ("added", "replaced")
    depth, concat = int(case["layers"]), case["concat"] == "yes"
    for layer in range(depth):
        last = layer == depth - 1
        heads = int(case["last-heads"] if last and depth > 1 else case["heads"])
        width = outputs if last else int(case["width"])
        layers.append(
            GATConv(inputs, width, heads, concat=concat and not last, dropout=float(case["attn-dropout"]),
                    add_self_loops=loops, bias=case["bias"] == "yes", residual=case["residual"] == "yes",
                    edge_dim=None if attr is None else attr.shape[1])
        )
        inputs = heads * width if concat else width
    return layers


def loss_of(case, out, y, train):
    """The mean over the training nodes' entries that are there."""
    out, y = out[train], y[train]
    if case["task"] == "single-label":
        return F.cross_entropy(out[y >= 0], y[y >= 0].long())
    if case["task"] == "multi-label":
        return F.binary_cross_entropy_with_logits(out[y != 255], y[y != 255].float())
    return F.mse_loss(out[~y.isnan()], y[~y.isnan()])


def train(case, graph, threads):
    """All parameters after a few epochs, as bytes."""
    x, edges, attr, y, mask, outputs = graph
    torch.set_num_threads(threads)
    torch.manual_seed(case["seed"])
    model, activation = make_model(case, x.shape[1], attr, outputs), ACTIVATION[case["activation"]]
    optimizer = OPTIMIZER[case["optimizer"]](model.parameters(), lr=0.02, weight_decay=1e-3)
    for _ in range(EPOCHS):
        optimizer.zero_grad()
        h = x
        for k, layer in enumerate(model):
            h = layer(F.dropout(h, float(case["dropout"])), edges, attr)
            h = h if k == len(model) - 1 else activation(h)
        loss_of(case, h, y, mask).backward()
        optimizer.step()
    return b"".join(p.detach().numpy().tobytes() for p in model.parameters())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=1, help="seeds for each graph")
    args = parser.parse_args()
    differ = {"again": 0, "two": 0, "two again": 0}
    pairs = 0
    for path in sorted(args.folder.glob("*.h5")):
        case, graph = read_case(path), read_graph(path)
        first = int(case["seed"])
        for seed in range(first, first + args.seeds):
            case["seed"] = seed
            one, two = train(case, graph, 1), train(case, graph, 2)
            differ["again"] += train(case, graph, 1) != one
            differ["two"] += two != one
            differ["two again"] += train(case, graph, 2) != two
            pairs += 1
    print(pairs, *differ.values())


if __name__ == "__main__":
    main()
