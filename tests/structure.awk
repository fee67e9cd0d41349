# The checks of structure.sh; works with any POSIX awk.

BEGIN {
    # an include points to a lower level, or stays in its folder
    split("base 0 dist 1 kernels 1 graph 2 generate 3 nn 3 partition 3 io 3 train 4 infer 5 forecast 5 cli 6", words,
          " ")
    for (i = 1; i in words; i += 2) level[words[i]] = words[i + 1]
    # third-party headers have one home each (regular expressions on the path)
    home["hdf5.h"] = "^io/hdf5/"
    home["metis.h"] = "^partition/metis[.]c$"
    home["cblas.h"] = home["dlfcn.h"] = "^src/kernels/dense[.]c$"
    home["immintrin.h"] = "^src/kernels/rng_many[.]c$"
    home["yaml.h"] = home["argp.h"] = "^src/cli/config"
    home["jansson.h"] = "^src/(train|infer|forecast|cli)/"
    home["zip.h"] = home["zlib.h"] = home["nettle"] = "^io/"
    home["mpi.h"] = "^src/dist/comm[.]h$"
    mpi_home = "^(src/(dist/[^/]*|graph/exchange)|io/hdf5/[^/]*)[.]c$"
    mem_home = "^src/base/mem[.]c$"
    allocators = "malloc|calloc|realloc|posix_memalign|aligned_alloc|strdup|strndup|asprintf|vasprintf"
    # files where a library underneath hands over blocks that only free() can give back (none so far)
    free_home = "^$"
    state_home = "^src/(base/(mem|requests|status|unfinished)|cli/(crash|guard|progress|results))[.]c$"
    # the program, not the library, may end itself where nothing else can be done
    exit_home = "^src/(dist/comm|cli/(crash|guard))[.]c$"
    # the program, not the library, changes what belongs to the whole process: limits, descriptors, environment,
    # signals, timers, working folder, mask of modes, locale, standard streams, functions called at exit
    process = "setrlimit|prlimit|dup2|dup3|setenv|unsetenv|putenv|clearenv|signal|sigaction|sigprocmask|setitimer|" \
              "alarm|chdir|fchdir|umask|setlocale|freopen|atexit"
    calls_mpi = call("MPI_[A-Z][a-z0-9_]*")
    allocates = call(allocators)
    frees = call("free")
    ends = call("exit|_exit|abort|MPI_Abort")
    changes_process = call(process)
    mentions_stdout = mention("stdout")
    prints = call("printf|vprintf|puts|putchar")
    mentions_config = mention("hg_config")
}

function breach(rule) {
    printf "%s:%d: %s\n", FILENAME, FNR, rule
    breaches++
}

# The line without comments; strings become "".
function code_of(line,    start, out) {
    gsub(/\\"/, "", line)
    gsub(/"[^"]*"/, "\"\"", line)
    while (1) {
        if (in_comment) {
            start = index(line, "*/")
            if (!start) return out
            line = substr(line, start + 2)
            in_comment = 0
        }
        start = index(line, "/*")
        if (!start) break
        out = out substr(line, 1, start - 1)
        line = substr(line, start + 2)
        in_comment = 1
    }
    sub(/\/\/.*/, "", line)
    return out line
}

# Patterns are made once, in BEGIN, and each is matched in one place: awk would compile others anew for every line.
# One that matches a word, not part of a longer name.
function mention(word) { return "(^|[^A-Za-z0-9_])" word "([^A-Za-z0-9_]|$)" }

# One that matches where one of the names is called.
function call(names) { return "(^|[^A-Za-z0-9_])(" names ")[ ]*[(]" }

function folder_of(file) { sub(/[^\/]*$/, "", file); return file }

function check_local_include(path,    folder) {
    if (path !~ /\//) {
        breach("an include names its folder: " path)
        return
    }
    folder = path
    sub(/\/.*/, "", folder)
    if (folder == "nn" && path ~ /^nn\/.*\// && folder_of("src/" path) != folder_of(FILENAME))
        breach("only a convolution\047s folder includes its headers: " path)
    if (folder == own_room) return
    if (!(folder in level)) breach("unknown folder: " path)
    else if (level[folder] > level[own_room]) breach("an include points up: " path)
    else if (level[folder] == level[own_room]) breach("folders of one level do not include each other: " path)
}

function check_library_include(path) {
    if (path ~ /^nettle\//) path = "nettle"
    if (path in home && FILENAME !~ home[path]) breach(path " belongs to " home[path])
}

FNR == 1 {
    in_comment = 0
    function_start = 0
    split(FILENAME, parts, "/")
    own_room = parts[1] == "src" ? parts[2] : parts[1]
    if (!(own_room in level)) breach("unknown folder: " own_room)
    if (FILENAME ~ /[.]h$/ && $0 !~ /^\/\*\*/) breach("a header starts with its docstring: /** ... */")
}

/^#[ ]*include[ ]*"/ { split($0, part, "\""); check_local_include(part[2]); next }
/^#[ ]*include[ ]*</ { split($0, part, /[<>]/); check_library_include(part[2]); next }

{ code = code_of($0) }

code ~ calls_mpi && FILENAME !~ mpi_home {
    breach("MPI is called in dist/, graph/exchange and io/hdf5/")
}
code ~ allocates && FILENAME !~ mem_home { breach("memory comes from hg_mem") }
code ~ frees && FILENAME !~ mem_home && FILENAME !~ free_home { breach("memory goes back to hg_mem") }
code ~ ends && FILENAME !~ exit_home { breach("the library never ends the process") }
code ~ changes_process && own_room != "cli" { breach("the library changes nothing of the process") }
code ~ mentions_stdout && FILENAME !~ /^src\/cli\/results[.]c$/ { breach("results are printed by cli/results") }
code ~ prints { breach("results are printed by cli/results") }
code ~ mentions_config && own_room != "cli" { breach("nothing below cli knows the command line's struct") }
code ~ /^static [^(]*(;|=)/ && code !~ /const/ && FILENAME !~ state_home { breach("no globals but constant tables") }

# clang-format puts the braces of a function, and of nothing else that is long, into the first column
code ~ /^\{/ { function_start = FNR }
code ~ /^\}/ && function_start {
    # counted from the line before the brace: the signature
    if (FNR - function_start + 2 > 60) breach("a function of " (FNR - function_start + 2) " lines (at most 60)")
    function_start = 0
}

END { exit breaches > 0 }
