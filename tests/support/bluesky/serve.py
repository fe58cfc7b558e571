"""Runs a Bluesky server with one account, to try things by hand, until it is interrupted.

python -m tests.support.bluesky.serve
"""

from __future__ import annotations

import argparse
import signal
import sys
from contextlib import suppress

from tests.support.bluesky.install import missing
from tests.support.bluesky.pds import PdsOptions, PdsServer


def main() -> int:
    """Print the address and the account, then wait."""
    arguments = _arguments()
    reason = missing()
    if reason is not None:
        sys.stderr.write(f"{reason}\n")
        return 1
    options = PdsOptions(pds_port=arguments.port, rate_limits=arguments.rate_limits)
    with PdsServer(options) as server:
        account = server.create_account()
        sys.stdout.write(
            f"url           {server.url}\n"
            f"directory     {server.plc_url}\n"
            f"handle        {account.handle}\n"
            f"app password  {account.app_password}\n"
        )
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            signal.pause()
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="where to listen (any free port)")
    parser.add_argument(
        "--rate-limits", action="store_true", help="count points as bsky.social does"
    )
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
