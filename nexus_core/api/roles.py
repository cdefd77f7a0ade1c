"""Roles and who has them where (docs/access.md)."""

from __future__ import annotations

from fastapi import APIRouter

from nexus_core.api.access import Admin
from nexus_core.api.role_schemas import BindingAnswer, BindingRequest, RoleAnswer, RoleChange, RoleRequest, ScopeReach
from nexus_core.api.services import UsesServices
from nexus_core.governance.roles import Binding, Role, Wanted, binding
from nexus_core.governance.scopes import reach_json, scope_from
from nexus_core.model.access import EVERYTHING
from nexus_core.model.audit import Act, Action

router = APIRouter(prefix="/api/v1/roles", tags=["access"])


@router.get("", operation_id="listRoles")
async def list_roles(services: UsesServices, _caller: Admin) -> list[RoleAnswer]:
    """List the roles, the built-in ones first."""
    return [_role(role) for role in await services.roles.all()]


@router.post("", operation_id="createRole", status_code=201)
async def create_role(services: UsesServices, caller: Admin, asked: RoleRequest) -> RoleAnswer:
    """Make a role of one's own."""
    act = Act(Action.ROLE_CREATED, {"role": asked.name, "permissions": " ".join(sorted(asked.permissions))})
    async with services.audit.acting(caller, act):
        return _role(await services.roles.create(asked.name, asked.permissions, caller.account_id))


@router.get("/bindings", operation_id="listRoleBindings")
async def list_bindings(services: UsesServices, _caller: Admin) -> list[BindingAnswer]:
    """List who has which role where, expired bindings too, the oldest first."""
    return [_binding(each) for each in await services.roles.bindings()]


@router.post("/bindings", operation_id="bindRole", status_code=201)
async def bind_role(services: UsesServices, caller: Admin, asked: BindingRequest) -> BindingAnswer:
    """Give an account or a group a role; nobody gives one to their own account."""
    reaches = None if asked.scope is None else [each.model_dump(exclude_none=True) for each in asked.scope]
    wanted = Wanted(
        role=asked.role,
        subject_kind=asked.subject_kind,
        subject=asked.subject,
        scope=EVERYTHING if reaches is None else scope_from(reaches),
        purpose=asked.purpose,
        expires_at=asked.expires_at,
    )
    await services.identities.check_classes(wanted.scope)
    async with services.audit.acting(caller, binding(wanted)):
        return _binding(await services.roles.bind(wanted, caller.account_id))


@router.delete("/bindings/{binding_id}", operation_id="unbindRole", status_code=204)
async def unbind_role(services: UsesServices, caller: Admin, binding_id: str) -> None:
    """End a binding; sessions lose the role within 5 seconds."""
    async with services.audit.acting(caller, Act(Action.ROLE_UNBOUND, {"binding": binding_id})):
        await services.roles.unbind(binding_id)


@router.put("/{name}", operation_id="changeRole")
async def change_role(services: UsesServices, caller: Admin, name: str, asked: RoleChange) -> RoleAnswer:
    """Replace what a role of one's own allows; nobody changes a role that they have."""
    act = Act(Action.ROLE_CHANGED, {"role": name, "permissions": " ".join(sorted(asked.permissions))})
    async with services.audit.acting(caller, act):
        return _role(await services.roles.change(name, asked.permissions, caller.account_id))


@router.delete("/{name}", operation_id="deleteRole", status_code=204)
async def delete_role(services: UsesServices, caller: Admin, name: str) -> None:
    """Remove a role that nobody has."""
    async with services.audit.acting(caller, Act(Action.ROLE_DELETED, {"role": name})):
        await services.roles.delete(name)


def _role(role: Role) -> RoleAnswer:
    return RoleAnswer(name=role.name, permissions=sorted(role.permissions), built_in=role.built_in)


def _binding(of: Binding) -> BindingAnswer:
    told = {name: getattr(of, name) for name in of.__slots__}
    return BindingAnswer(**{**told, "scope": [ScopeReach(**reach_json(reach)) for reach in of.scope.reaches]})
