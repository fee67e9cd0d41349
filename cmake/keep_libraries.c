/* Sanitizer builds only. The leak checker runs after MPI_Finalize has unloaded Open MPI's plugins, and then
 * cannot tell whose the plugins' blocks are. Libraries stay loaded, so that lsan.supp can name them. */
int dlclose(void *handle);

int dlclose(void *handle)
{
    (void)handle;
    return 0;
}
