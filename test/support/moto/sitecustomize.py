"""Mends two things in moto's server.

It takes every conditional Deny as an unconditional one: the TLS-only policies of the state bucket and the store's
bucket would lock everybody out of them. Here a Deny of requests without TLS denies nothing: loopback counts as TLS.

It does not know credentials of users for single services: here no user has one.

Python loads this file by its name, as the emulator is started with this directory on PYTHONPATH.
"""

try:
    from moto.core.responses import ActionResult
    from moto.iam.access_control import IAMPolicyStatement, PermissionResult
    from moto.iam.responses import IamResponse
except ImportError:
    pass
else:
    WITHOUT_TLS = {"Bool": {"aws:SecureTransport": "false"}}
    original = IAMPolicyStatement.is_action_permitted

    def is_action_permitted(self, *args, **kwargs):
        if self._statement["Effect"] == "Deny" and self._statement.get("Condition") == WITHOUT_TLS:
            return PermissionResult.NEUTRAL
        return original(self, *args, **kwargs)

    IAMPolicyStatement.is_action_permitted = is_action_permitted

    def list_service_specific_credentials(self):
        return ActionResult({"ServiceSpecificCredentials": []})

    IamResponse.list_service_specific_credentials = list_service_specific_credentials
