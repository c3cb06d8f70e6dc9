"""A stand-in Telegram server with a page of phones, and a clock moved by hand."""
