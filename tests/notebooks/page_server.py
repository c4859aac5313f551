"""Pages behind the guard, as a program of its own: what `served` starts."""

from __future__ import annotations

import json
import sys
from typing import Any

from workbench.pages.components import sync_banner
from workbench.web.app import create_app
from workbench.web.security import Addresses, TokenLogin
from workbench.web.server import open_address, serve


def main(options: dict[str, Any]) -> None:
    addresses = Addresses.loopback(options["port"])
    login = TokenLogin(addresses)
    sync_banner.SECONDS.update(dict.fromkeys(("quiet", "ended", "stopped", "gone"), options["looks_again_after"]))
    mode: Any = "readers" if options["readers"] else "owner"
    app = create_app(addresses=addresses, login=login, mode=mode, notebooks=options["pages"])

    def announce() -> None:
        for _ in range(options["sign_ins"]):
            open_address(login.address(f"http://127.0.0.1:{options['port']}"), browser=False)
        sys.stdout.flush()

    serve(app, port=options["port"], started=announce)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
