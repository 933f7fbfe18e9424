"""Who may see what: one gate for every representation of an application."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request

from fundcall.accounts.readings import READER
from fundcall.web.policy import Door, policy_of
from fundcall.web.problems import Problem, missing, of_refusals
from states.actor import Actor
from states.application import Application
from states.reasons import refuse
from workflow.visible import has_left, may_read


class Gate:
    """Finds out who asks, by the key in the `Authorization` header, and holds the policy of the address to them."""

    def __init__(self, actor_of: Callable[[str], Actor | None]) -> None:
        self._actor_of = actor_of

    async def hold(self, request: Request) -> None:
        """Hold the policy of the address, before anything else of the request is looked at. Raises Problem."""
        if policy_of(request.scope["endpoint"]).door is Door.KEY:
            request.state.actor = self.let_in(request)

    def actor(self, request: Request) -> Actor:
        """Who was let in to an address that asks for a key."""
        found: Actor = request.state.actor
        return found

    def let_in(self, request: Request) -> Actor:
        """Who asks. Raises Problem 401, and 403 for a role that the address is not for."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        found = self._actor_of(key.strip()) if scheme.lower() == "bearer" and key else None
        if found is None:
            raise Problem(401, "unauthenticated", "请使用有效的接口密钥", "a valid key is needed",
                          "在请求头中加入 Authorization: Bearer <密钥>；密钥由管理员发放。",
                          "Send Authorization: Bearer <key>; an administrator issues keys.")  # fmt: skip
        request.scope["state"][READER] = found
        policy = policy_of(request.scope["endpoint"])
        if not policy.admits(found.role):
            allowed = ", ".join(sorted(policy.roles))
            raise Problem(403, "role_not_allowed", f"角色 {found.role} 无权使用", f"{found.role} may not use this",
                          f"请由以下角色办理：{allowed}", f"Ask one of: {allowed}")  # fmt: skip
        return found


def readable(actor: Actor, application: Application | None, name: str) -> Application:
    """The application, if the actor may see it. Raises Problem 404, the same for what is not there; 403 for an expert who
    does not review it any more.
    """
    if application is not None and has_left(actor, application):
        raise of_refusals((refuse("not_assigned"),))
    if application is None or not may_read(actor, application):
        raise missing(name)
    return application
