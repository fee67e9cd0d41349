# The program, the library, and the headers that a program needs which embeds it (include path: include/halogat).
install(TARGETS halogat_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS halogat LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES src/base/types.h src/base/status.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/halogat/base)
install(FILES src/dist/comm.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/halogat/dist)
