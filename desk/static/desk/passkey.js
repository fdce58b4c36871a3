/* After the browser has made a passkey, go on by itself; without this file there is a button. */
"use strict";
document.addEventListener("otp_webauthn.register_complete", () => document.getElementById("passkey-added")?.requestSubmit());
