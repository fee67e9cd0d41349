"""Trains a graph attention network on a halogat graph file with PyTorch Geometric or DGL, on the whole graph, on CPUs.
Prints seconds per epoch, peak memory and the last epoch's loss as JSON. Started by peers.py in an environment that
has the library.

Two layers: K heads of F features, concatenated; ELU; then one head for the classes. Cross-entropy over the training
nodes, Adam. As a careful user would do, self-loops are added and edges are sorted by target before the epochs.
Sparse features become dense, as in the examples of both libraries.
"""
import argparse
import json
import resource
import statistics
import time

import h5py
import numpy as np
import torch
import torch.nn.functional as F


def read_features(file):
    """Features as a dense tensor."""
    if "node/x" in file:
        return torch.from_numpy(file["node/x"][:].astype(np.float32))
    indptr, columns, values = (file["node/x_csr"][key][:] for key in ("indptr", "indices", "data"))
    dense = np.zeros((len(indptr) - 1, int(file.attrs["num_features"])), np.float32)
    dense[np.repeat(np.arange(len(dense)), np.diff(indptr)), columns] = values
    return torch.from_numpy(dense)


def read_edges(file):
    """Edges [2, E], sources over targets, sorted by target, with one self-loop per node."""
    indptr, sources = file["graph/indptr"][:], file["graph/indices"][:].astype(np.int64)
    nodes = np.arange(len(indptr) - 1)
    edges = np.stack([sources, np.repeat(nodes, np.diff(indptr))])
    edges = np.concatenate([edges[:, edges[0] != edges[1]], [nodes, nodes]], axis=1)
    return torch.from_numpy(edges[:, np.argsort(edges[1], kind="stable")])


def read_training_nodes(file):
    """Nodes of the training split (the first, where there are several) that have a class."""
    chosen = file["node/y"][:] >= 0
    if "node/split/train" in file:
        mask = file["node/split/train"][:].astype(bool)
        chosen &= mask if mask.ndim == 1 else mask[:, 0]
    return torch.from_numpy(np.flatnonzero(chosen))


def pyg_model(args, x, edges, classes):
    """Parameters, and the function that computes the outputs."""
    from torch_geometric.nn import GATConv

    first = GATConv(x.shape[1], args.hidden, args.heads, dropout=args.dropout, add_self_loops=False)
    last = GATConv(args.heads * args.hidden, classes, 1, concat=False, dropout=args.dropout, add_self_loops=False)

    def forward():
        hidden = F.elu(first(F.dropout(x, args.dropout), edges))
        return last(F.dropout(hidden, args.dropout), edges)

    return [*first.parameters(), *last.parameters()], forward


def dgl_model(args, x, edges, classes):
    """Parameters, and the function that computes the outputs."""
    import dgl
    from dgl.nn import GATConv

    graph = dgl.graph((edges[0], edges[1]), num_nodes=len(x)).formats(["coo", "csr", "csc"])
    graph.create_formats_()
    drop = {"feat_drop": args.dropout, "attn_drop": args.dropout}
    first = GATConv(x.shape[1], args.hidden, args.heads, **drop)
    last = GATConv(args.heads * args.hidden, classes, 1, **drop)

    def forward():
        hidden = F.elu(first(graph, x).flatten(1))
        return last(graph, hidden).mean(1)

    return [*first.parameters(), *last.parameters()], forward


def train(args):
    """Seconds of every epoch, and the last one's loss."""
    torch.manual_seed(0)
    with h5py.File(args.graph) as file:
        x, edges, nodes = read_features(file), read_edges(file), read_training_nodes(file)
        y, classes = torch.from_numpy(file["node/y"][:].astype(np.int64)), int(file.attrs["num_outputs"])
    parameters, forward = (pyg_model if args.peer == "pyg" else dgl_model)(args, x, edges, classes)
    optimizer = torch.optim.Adam(parameters, lr=args.lr, weight_decay=args.weight_decay)
    seconds = []
    for _ in range(args.epochs):
        start = time.perf_counter()
        optimizer.zero_grad()
        loss = F.cross_entropy(forward()[nodes], y[nodes])
        loss.backward()
        optimizer.step()
        seconds.append(time.perf_counter() - start)
    return seconds, loss.item()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", choices=["pyg", "dgl"])
    parser.add_argument("graph")
    for name in ("heads", "hidden", "epochs", "threads"):
        parser.add_argument(f"--{name}", type=int, required=True)
    for name in ("dropout", "lr", "weight-decay"):
        parser.add_argument(f"--{name}", type=float, required=True)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    try:
        seconds, loss = train(args)
    except (MemoryError, RuntimeError) as failure:
        # torch raises a RuntimeError of its own, DGL one of its, where malloc fails
        if isinstance(failure, MemoryError) or "memory" in str(failure).lower() or "alloc" in str(failure):
            raise SystemExit("out of memory")
        raise
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": statistics.median(seconds), "bytes": peak, "loss": loss}))


if __name__ == "__main__":
    main()
