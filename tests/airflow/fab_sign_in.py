"""Run by test_sign_in.py in a process of its own: Airflow's FAB application, to which people sign in by Keycloak.

Prints a line of JSON for each: name, e-mail address, roles, and whether it is signed in.
"""

import json
import sys
import warnings

warnings.simplefilter("ignore")

from airflow.utils.db import initdb  # noqa: E402 warnings are off before Airflow is imported

from tests.keycloak_login import answer_of_keycloak  # noqa: E402


def main(url: str, *users: str) -> None:
    initdb()
    from airflow.providers.fab.www.app import create_app

    app = create_app(enable_plugins=False)
    for user in users:
        print(json.dumps(signed_in(app, url, user)), flush=True)


def signed_in(app, url, user):
    before = people(app)
    with app.test_client() as client:
        begun = client.get("/login/keycloak", base_url=f"{url}/auth")
        answer = answer_of_keycloak(begun.location, user)
        client.get(answer.url.removeprefix(f"{url}/auth"), base_url=f"{url}/auth")
        with client.session_transaction("/", base_url=f"{url}/auth") as session:
            known = session.get("_user_id")
    new = [told for name, told in people(app).items() if name not in before]
    return {"user": user, "new": new, "signed_in": known is not None}


def people(app):
    """All users by name; in a context of its own, since Flask keeps who is signed in there."""
    with app.app_context():
        return {
            each.username: {
                "name": each.username,
                "email": each.email,
                "roles": sorted(role.name for role in each.roles),
            }
            for each in app.appbuilder.sm.get_all_users()
        }


main(*sys.argv[1:])
