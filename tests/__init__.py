"""The book's tests; as a package, so that files of one name may live in different folders."""
