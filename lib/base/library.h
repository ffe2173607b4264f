/*
 * The libraries that a program links, for --version -v.  A file that calls a library says so with
 * SDP_LIBRARY.  The linker collects these entries in a section of the program, so a program has an
 * entry if it contains such a file.
 */
#ifndef SDP_BASE_LIBRARY_H
#define SDP_BASE_LIBRARY_H

/* A library: its name, and what returns its version (a static text), at best of the loaded one. */
struct sdp_library {
	const char *name;
	const char *(*version)(void);
};

/*
 * Names a library of a file, at file scope.  version is an expression.  Several files may name the
 * same library.  The section has pointers, because they, unlike structs, are never padded.
 */
#define SDP_LIBRARY(id, expression)                                                                \
	static const char *version_of_##id(void)                                                   \
	{                                                                                          \
		return expression;                                                                 \
	}                                                                                          \
	static const struct sdp_library library_##id = {#id, version_of_##id};                     \
	static const struct sdp_library *const library_entry_##id                                  \
		__attribute__((section("sdp_libraries"), used)) = &library_##id

#endif
