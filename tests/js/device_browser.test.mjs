import assert from "node:assert/strict";
import { test } from "node:test";
import { classifyError, classifyFix } from "../../static/device/gps.js";
import { browserFacts } from "../../static/device/install.js";
import { enrolStep, isWholeCode, showCode } from "../../static/ui/enrol/place.js";

const ANDROID = "Mozilla/5.0 (Linux; Android 11; Redmi 9A) AppleWebKit/537.36 (KHTML, like Gecko)";
const AGENTS = {
  "Chrome": [`${ANDROID} Chrome/120.0 Mobile Safari/537.36`, false],
  "WhatsApp": [`${ANDROID} Version/4.0 Chrome/120.0 Mobile Safari/537.36 WhatsApp/2.23`, true],
  "Facebook": [`${ANDROID} Version/4.0 Chrome/120.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/440.0]`, true],
  "Mi Browser": [`${ANDROID} Version/4.0 Chrome/100 Mobile Safari/537.36 XiaoMi/MiuiBrowser/13.5`, true],
  "Google": ["Mozilla/5.0 (Linux; Android 11; Redmi 9A; wv) AppleWebKit/537.36 Version/4.0 Chrome/120.0 Mobile Safari/537.36", true],
  "Samsung Internet": [`${ANDROID} SamsungBrowser/23.0 Chrome/115.0 Mobile Safari/537.36`, false],
  "Firefox": ["Mozilla/5.0 (Android 11; Mobile; rv:121.0) Gecko/121.0 Firefox/121.0", false],
  "Safari": ["Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Mobile/15E148 Safari/604.1", false],
};
for (const [name, [agent, inApp]] of Object.entries(AGENTS)) {
  test(`${name} is known by its name, and whether it keeps what it stores`, () => {
    const facts = browserFacts(agent, 5);
    assert.equal(facts.name, name);
    assert.equal(facts.in_app, inApp);
    assert.equal(facts.ios, agent.includes("iPhone"));
  });
}

test("an iPad that says it is a Mac is an iPad", () => {
  assert.equal(browserFacts("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.0 Safari/605.1.15", 5).ios, true);
});

const PLACE = { in_app: false, ios: false, standalone: false, localhost: false, here: false };
for (const [sentence, facts, step] of [
  ["a tab asks to install first", {}, "install"],
  ["going on in a tab is the officer's choice", { here: true }, "code"],
  ["the icon asks for the code", { standalone: true }, "code"],
  ["an in-app view asks for another browser, whatever was chosen", { in_app: true, here: true }, "wrong_browser"],
  ["an iPhone's tab never asks for the code", { ios: true, here: true }, "install_ios"],
  ["an iPhone's icon asks for the code", { ios: true, standalone: true }, "code"],
  ["on the server's own computer one may go on", { localhost: true, ios: true, here: true }, "code"],
]) {
  test(sentence, () => assert.equal(enrolStep({ ...PLACE, ...facts }), step));
}

test("a code is read however it is typed", () => {
  for (const typed of ["k7mx42qd", "K7MX 42QD", "k7mx-42qd", "K7MX--42QDextra"]) assert.equal(showCode(typed), "K7MX-42QD");
  assert.equal(showCode("o1il"), "0111");
  assert.equal(isWholeCode(showCode("k7mx42q")), false);
  assert.equal(isWholeCode(showCode("k7mx42qd")), true);
});

test("denied though permitted means that the phone's location is off", () => {
  assert.equal(classifyError(1, "granted", false), "off");
  assert.equal(classifyError(1, "denied", false), "denied");
  assert.equal(classifyError(2, "granted", false), "off");
  assert.equal(classifyError(3, "granted", false), "searching");
});

test("a lost signal after a fix is no reason to say that the location is off", () => {
  assert.equal(classifyError(2, "granted", true), "fixed");
});

test("a rough area is called approximate only after the phone had its time", () => {
  const fix = { latitude_deg: -1.5, longitude_deg: 101.2, altitude_m: null, time_ms: 0 };
  assert.equal(classifyFix({ ...fix, accuracy_m: 1000 }, 0), "fixed");
  assert.equal(classifyFix({ ...fix, accuracy_m: 1001 }, 7999), "searching");
  assert.equal(classifyFix({ ...fix, accuracy_m: 1001 }, 8000), "approximate");
});
