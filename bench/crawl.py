#!/usr/bin/env python3
"""Writes a graph that looks like a crawl of the web, as text for `halogat import`: crawl.py FOLDER NODES EDGES
FEATURES CLASSES makes edges.txt, features.npy and labels.txt there.

Pages are numbered host by host, as in a crawl sorted by address; hosts have 1 to 1,000 pages, few of them many. Nine
links in ten stay on the host; half of these go to its first pages (the menu), so these have many links. The other
links go to the first page of a host, early hosts more often. Features are 0 or 1, classes follow the hosts.
"""
import os
import random
import sys


def hosts_of(nodes, rng):
    """First pages of the hosts, and the number of nodes at the end."""
    first = [0]
    while first[-1] < nodes:
        pages = min(1000, int(rng.paretovariate(0.7)))
        first.append(min(nodes, first[-1] + pages))
    return first


def links(nodes, edges, rng):
    """Yields the links of each page, about the same number on every page."""
    first = hosts_of(nodes, rng)
    uniform = rng.random
    host = 0
    for page in range(nodes):
        host += page >= first[host + 1]
        start, size = first[host], first[host + 1] - first[host]
        for _ in range(edges * (page + 1) // nodes - edges * page // nodes):
            draw = uniform()
            if draw < 0.45 and size > 1:
                target = start + int(min(size, 8) * uniform())
            elif draw < 0.9 and size > 1:
                target = start + int(size * uniform())
            else:
                target = first[int((len(first) - 1) * uniform() ** 4)]
            yield page, target


def main():
    folder, (nodes, edges, features, classes) = sys.argv[1], map(int, sys.argv[2:6])
    rng = random.Random(1)
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/edges.txt", "w") as out:
        out.writelines(f"{page} {target}\n" for page, target in links(nodes, edges, rng))
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({nodes}, {features}), }}"
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    bits = bytes(k % 2 for k in range(256))
    with open(f"{folder}/features.npy", "wb") as out:
        out.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode())
        for page in range(0, nodes, 4096):
            out.write(rng.randbytes(min(4096, nodes - page) * features).translate(bits))
    with open(f"{folder}/labels.txt", "w") as out:
        out.writelines(f"{page * classes // nodes}\n" for page in range(nodes))


if __name__ == "__main__":
    main()
