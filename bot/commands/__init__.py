"""The wuxue command's parts, one file per thing an administrator does."""
