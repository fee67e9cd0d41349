# apt-cache dumpavail | awk -v out=FOLDER -f catalogue.awk
#
# Debian's catalogue of packages as a graph, in the text files that `halogat import` reads. Nodes are packages, edges
# their dependencies, features the words of their one-line descriptions, labels the language they are written in.
# Nodes, features and classes are numbered from 0 in the order in which they first appear.
#
#   edges.tsv     source and target of each edge, node numbers from 0
#   features.mtx  node x word, sparse MatrixMarket (which counts from 1)
#   labels.txt    one line per node: the class, -1 where the language is not known or not a single one
#   names.txt     one line per node: the package
#   classes.txt   one line per class: the language
#   words.txt     one line per feature: the word

BEGIN {
    rare = 5     # a word in fewer descriptions than this says nothing about the others
    common = 0.1 # nor does one in more than this share of them
    nodes = classes = words = edges = entries = labelled = 0
}

# A new field or a continuation of the last one, which starts with a blank.
/^[^ ]/ {
    field = $1
    sub(/^[^:]*:[ ]*/, "")
}
field == "Package:" && $0 != "" { new_node($1) }
field ~ /^(Depends|Pre-Depends|Recommends|Suggests|Enhances):$/ {
    depends[node] = depends[node] "," $0
}
field == "Description:" { description = description " " $0 }
field == "Tag:" { tags = tags "," $0 }
/^$/ { end_node() }

function new_node(name) {
    node = nodes++
    id[name] = node
    print name > (out "/names.txt")
    description = tags = field = ""
}

function end_node() {
    if (node == "") return
    print label_of(tags) > (out "/labels.txt")
    add_words(node, description)
    node = field = ""
}

# The class of the one tag implemented-in::LANGUAGE; -1 when there is none, or several.
function label_of(tags,    tag, n, k, language, found) {
    n = split(tags, tag, /[, ]+/)
    for (k = 1; k <= n; k++)
        if (tag[k] ~ /^implemented-in::[a-z]/) {
            language = substr(tag[k], 17)
            found++
        }
    if (found != 1) return -1
    labelled++
    if (!(language in class)) {
        class[language] = classes++
        print language > (out "/classes.txt")
    }
    return class[language]
}

# Each word of a description once; in how many descriptions it is.
function add_words(node, text,    word, n, k) {
    n = split(tolower(text), word, /[^a-z0-9+#]+/)
    for (k = 1; k <= n; k++)
        if (length(word[k]) > 1 && !((node, word[k]) in seen)) {
            seen[node, word[k]] = 1
            documents[word[k]]++
            text_of[node] = text_of[node] " " word[k]
        }
}

# Dependencies read "name (>= version) | alternative:arch, ...": names that are packages become edges.
function write_edges(    k, n, i, name, other) {
    for (k = 0; k < nodes; k++) {
        n = split(depends[k], name, /[,|]/)
        for (i = 1; i <= n; i++) {
            sub(/^ +/, "", name[i])
            sub(/[ (:].*/, "", name[i])
            if (!(name[i] in id)) continue
            other = id[name[i]]
            if (other == k || (k, other) in joined) continue
            joined[k, other] = 1
            print k "\t" other > (out "/edges.tsv")
            edges++
        }
    }
}

# The size of a matrix stands before its entries: they are counted first, then written.
function write_features(    k, n, i, word, file) {
    file = out "/features.mtx"
    for (k = 0; k < nodes; k++) {
        n = split(text_of[k], word, " ")
        for (i = 1; i <= n; i++) {
            if (documents[word[i]] < rare || documents[word[i]] > common * nodes) continue
            if (!(word[i] in column)) {
                column[word[i]] = ++words
                print word[i] > (out "/words.txt")
            }
            entry[++entries] = (k + 1) " " column[word[i]] " 1"
        }
    }
    print "%%MatrixMarket matrix coordinate real general" > file
    print nodes, words, entries > file
    for (k = 1; k <= entries; k++) print entry[k] > file
}

END {
    end_node()
    write_edges()
    write_features()
    printf "%d packages, %d dependencies, %d words, %d packages labelled with %d languages\n", nodes, edges, words,
        labelled, classes
}
