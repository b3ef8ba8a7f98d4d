"""`users`: add people, give API tokens, revoke them."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from agent.domain.roles import SCOPES, Role
from agent.site import Site


def add_parser(sub: Any) -> None:
    """Add the command to the subparsers of `postal-agent`."""
    users = sub.add_parser("users", help="thêm người dùng, cấp mã truy cập API")
    verbs = users.add_subparsers(dest="verb", required=True, metavar="VERB")
    add = verbs.add_parser("add", help="thêm người dùng")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--role", required=True, choices=[r.value for r in Role])
    add.add_argument("--office", required=True, metavar="O", help="mã bưu cục, ví dụ BC-TAYHO")
    add.add_argument("--full-name", default="", help="họ tên hiện trên màn hình và chứng từ")
    add.add_argument("--password-stdin", action="store_true", help="đọc mật khẩu từ dòng đầu của stdin")
    add.add_argument("--replace", action="store_true", help="thay người dùng đã có và kết thúc các phiên của họ")
    token = verbs.add_parser("token", help="in ra một mã truy cập API")
    token.add_argument("name", metavar="NAME")
    token.add_argument(
        "--scope", required=True, action="append", metavar="S", help=f"một trong: {', '.join(SCOPES)}; lặp lại được"
    )
    token.add_argument("--client", default="", help="tên của chương trình dùng mã")
    revoke = verbs.add_parser("revoke", help="thu hồi mọi mã truy cập của người dùng hoặc chương trình")
    revoke.add_argument("name", metavar="NAME")


def run(args: argparse.Namespace, site: Site) -> int:
    """Do what was asked; AgentError goes to the caller, which prints it and chooses the exit code."""
    if args.verb == "add":
        return _add(args, site)
    from agent.accounts.tokens import make_token, revoke_tokens

    if args.verb == "revoke":
        count = revoke_tokens(site, args.name)
        _say(args, {"revoked": count}, f"Đã thu hồi {count} mã truy cập của {args.name}.")
        return 0
    scopes = [part for scope in args.scope for part in scope.replace(",", " ").split()]
    token = make_token(site, args.name, scopes, name=args.client)
    _say(args, {"token": token}, token)
    return 0


def _add(args: argparse.Namespace, site: Site) -> int:
    from agent.accounts.add_user import add_user

    password = sys.stdin.readline().rstrip("\r\n") if args.password_stdin else ""
    add_user(
        site, args.name, role=Role(args.role), office_id=args.office, password=password, full_name=args.full_name,
        replace=args.replace,
    )  # fmt: skip
    words = f"Đã thêm {args.name} ({args.role}, {args.office})."
    _say(args, {"user": args.name, "role": args.role, "office": args.office}, words)
    return 0


def _say(args: argparse.Namespace, fields: dict[str, Any], words: str) -> None:
    text = json.dumps(fields, ensure_ascii=False) if getattr(args, "json", False) else words
    sys.stdout.write(text + "\n")
