/* After the browser has made a passkey, go on by itself: before, there is nothing to go on with. */
"use strict";
document.addEventListener("otp_webauthn.register_complete", () => document.getElementById("passkey-added")?.requestSubmit());
