# An edge list of `edges` edges of edges / 16 nodes, with degrees as uneven as those of a web graph. The nodes with most
# edges do not follow each other: nodes are scattered by a factor.
BEGIN {
    srand(1)
    nodes = edges / 16
    for (k = 0; k < edges; k++)
        printf "%d\t%d\n", int(nodes * rand() * rand() ^ 2) * 7919 % nodes, int(nodes * rand() ^ 3) * 7919 % nodes
}
