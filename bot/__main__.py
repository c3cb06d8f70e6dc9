"""`python -m bot` is the wuxue command."""

import gc


def main() -> None:
    """The entry point; what is imported stays, so the garbage collector waits until it is here.

    Looking through it again and again took a tenth of every command's start.
    """
    gc.disable()
    try:
        from bot.cli import main as command
    finally:
        gc.enable()
    command()


if __name__ == "__main__":
    main()
