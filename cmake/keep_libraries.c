/* Sanitizer builds only. The leak checker runs after MPI_Finalize has unloaded Open MPI's plugins, and then
 * cannot tell whose the plugins' blocks are. Libraries stay loaded, so that lsan.supp can name them. */
int dlclose(void *handle);

int dlclose(void *handle)
{
    (void)handle;
    return 0;
}

/* The leak checker would also look for pointers in the thread-local storage of plugins, whose bounds it guesses:
 * wrongly where a block lies 16 bytes into a page, and then it crashes. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "intercept_tls_get_addr=0";
}
