// Built by scripts/action.mjs from src/action.ts: change that, and build again.
// The trusted root is the one of the source beside it.
const __shipped = require('node:path').join(__dirname, '../src/adapters/trust');
"use strict";
var __defProp = Object.defineProperty;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __esm = (fn, res, err) => function __init() {
  if (err) throw err[0];
  try {
    return fn && (res = (0, fn[__getOwnPropNames(fn)[0]])(fn = 0)), res;
  } catch (e) {
    throw err = [e], e;
  }
};
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};

// src/errors.ts
function isSignetError(error) {
  return typeof error === "object" && error !== null && BRAND in error;
}
var EXIT, EXIT_OF, BRAND, SignetError;
var init_errors = __esm({
  "src/errors.ts"() {
    "use strict";
    EXIT = {
      good: 0,
      /** verification says no */
      no: 1,
      /** usage, configuration, or a payload or identity that we refuse to sign */
      usage: 2,
      /** cannot be judged: malformed, foreign or unproven */
      unjudged: 3,
      /** login refused, cancelled, timed out or impossible here */
      login: 4,
      /** a service is unreachable or broken after retries */
      service: 5,
      /** no usable trusted root */
      noTrust: 6,
      bug: 70
    };
    EXIT_OF = {
      usage: EXIT.usage,
      config: EXIT.usage,
      "refused-payload": EXIT.usage,
      "refused-identity": EXIT.usage,
      malformed: EXIT.unjudged,
      "login-refused": EXIT.login,
      "login-cancelled": EXIT.login,
      "login-timeout": EXIT.login,
      "login-impossible": EXIT.login,
      "token-invalid": EXIT.login,
      "service-unreachable": EXIT.service,
      "service-refused": EXIT.service,
      "service-answer": EXIT.service,
      "already-logged": EXIT.service,
      "clock-skew": EXIT.service,
      "no-trust": EXIT.noTrust,
      "self-check": EXIT.bug,
      bug: EXIT.bug
    };
    BRAND = /* @__PURE__ */ Symbol.for("git-signet.SignetError");
    SignetError = class extends Error {
      code;
      /** One sentence that says what to do; empty only where the message already does. */
      hint;
      exitCode;
      [BRAND] = true;
      constructor(code, message, hint = "", cause) {
        super(message, cause === void 0 ? void 0 : { cause });
        this.name = "SignetError";
        this.code = code;
        this.hint = hint;
        this.exitCode = EXIT_OF[code];
      }
    };
  }
});

// src/adapters/writeBytes.ts
function writeAll(fd, data) {
  const bytes = typeof data === "string" ? Buffer.from(data) : data;
  let written = 0;
  while (written < bytes.length) {
    try {
      written += (0, import_node_fs.writeSync)(fd, bytes, written);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
var import_node_fs;
var init_writeBytes = __esm({
  "src/adapters/writeBytes.ts"() {
    "use strict";
    import_node_fs = require("node:fs");
  }
});

// src/adapters/readBytes.ts
function readFileBytes(path, maxBytes, code = "malformed") {
  const fd = (0, import_node_fs2.openSync)(path, "r");
  try {
    return readDescriptor(fd, { name: path, maxBytes, code });
  } finally {
    (0, import_node_fs2.closeSync)(fd);
  }
}
function readDescriptor(fd, { name, maxBytes, code }) {
  const chunks = [];
  let total = 0;
  scratch ??= new Uint8Array(CHUNK_BYTES);
  for (; ; ) {
    const count = readSome(fd, scratch);
    const [first] = chunks;
    if (count === 0) return first?.length === total ? first : Buffer.concat(chunks, total);
    total += count;
    if (total > maxBytes) {
      throw new SignetError(
        code,
        `${name} is larger than ${maxBytes >> 10} KiB.`,
        "Nothing that git signs is that large."
      );
    }
    chunks.push(scratch.slice(0, count));
  }
}
function readSome(fd, into) {
  for (; ; ) {
    try {
      return (0, import_node_fs2.readSync)(fd, into, 0, into.length, null);
    } catch (error) {
      const code = error.code;
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
var import_node_fs2, scratch, CHUNK_BYTES;
var init_readBytes = __esm({
  "src/adapters/readBytes.ts"() {
    "use strict";
    import_node_fs2 = require("node:fs");
    init_errors();
    CHUNK_BYTES = 64 << 10;
  }
});

// src/adapters/childEnvironment.ts
function childEnvironment(env) {
  const result = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== void 0 && !isSecret(name)) result[name] = value;
  }
  return result;
}
function isSecret(name) {
  const upper = name.toUpperCase();
  return SECRET_NAMES.has(upper) || SECRET_PATTERN.test(upper);
}
var SECRET_NAMES, SECRET_PATTERN;
var init_childEnvironment = __esm({
  "src/adapters/childEnvironment.ts"() {
    "use strict";
    SECRET_NAMES = /* @__PURE__ */ new Set([
      "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
      "ACTIONS_ID_TOKEN_REQUEST_URL",
      "ACTIONS_RUNTIME_TOKEN",
      "BUILDKITE_AGENT_ACCESS_TOKEN",
      "CI_JOB_JWT",
      "CI_JOB_JWT_V1",
      "CI_JOB_JWT_V2",
      "CF_OIDC_REQUEST_TOKEN",
      "CF_OIDC_REQUEST_URL",
      "ID_TOKEN",
      "SYSTEM_ACCESSTOKEN",
      "SYSTEM_OIDCREQUESTURI"
    ]);
    SECRET_PATTERN = /_(ID|OIDC)_TOKEN(_V\d+)?$/;
  }
});

// src/adapters/findProgram.ts
function findProgram(name, env) {
  if (name === "" || /[/\\]/.test(name)) return void 0;
  for (const folder of searchPath(env)) {
    for (const extension of extensions(name, env)) {
      const path = (0, import_node_path.join)(folder, name + extension);
      if (isExecutableFile(path) && isElsewhere(folder)) return path;
    }
  }
  return void 0;
}
function searchPath(env) {
  return (env[searchPathName(env)] ?? "").split(import_node_path.delimiter).filter(import_node_path.isAbsolute);
}
function isElsewhere(folder) {
  return realPath(folder) !== realPath(".");
}
function searchPathName(env) {
  if (process.platform !== "win32") return "PATH";
  return Object.keys(env).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
}
function extensions(name, env) {
  if (process.platform !== "win32") return [""];
  if (/\.(exe|com)$/i.test(name)) return [""];
  const known2 = (env["PATHEXT"] ?? ".COM;.EXE").split(";").map((e) => e.toLowerCase());
  return known2.filter((extension) => extension === ".exe" || extension === ".com");
}
function isExecutableFile(path) {
  try {
    if ((0, import_node_fs3.statSync)(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
    (0, import_node_fs3.accessSync)(path, import_node_fs3.constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
function realPath(path) {
  try {
    return import_node_fs3.realpathSync.native(path);
  } catch {
    return void 0;
  }
}
var import_node_fs3, import_node_path;
var init_findProgram = __esm({
  "src/adapters/findProgram.ts"() {
    "use strict";
    import_node_fs3 = require("node:fs");
    import_node_path = require("node:path");
  }
});

// src/adapters/git/findGit.ts
function findGit(env) {
  const git = findProgram("git", env);
  if (git !== void 0) return git;
  throw new SignetError("config", "git is not on the PATH.", "Install git, or add its folder to PATH.");
}
var init_findGit = __esm({
  "src/adapters/git/findGit.ts"() {
    "use strict";
    init_errors();
    init_findProgram();
  }
});

// src/adapters/git/spawnToEnd.ts
function spawnToEnd(file, args, env, { input, timeout, maxBuffer }) {
  const binding = openBinding();
  if (binding === void 0 || args.some((arg) => arg.includes("\0"))) {
    const { spawnSync: spawnSync2 } = process.getBuiltinModule("node:child_process");
    return spawnSync2(file, args, {
      env,
      maxBuffer,
      windowsHide: true,
      ...input && { input },
      ...timeout && { timeout }
    });
  }
  const { error, output, ...ended } = binding.spawn({
    file,
    args: [file, ...args],
    envPairs: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    maxBuffer,
    windowsHide: true,
    ...timeout && { timeout },
    stdio: [
      { type: "pipe", readable: true, writable: false, ...input && { input: Buffer.from(input) } },
      { type: "pipe", readable: false, writable: true },
      { type: "pipe", readable: false, writable: true }
    ]
  });
  const [, stdout, stderr] = output ?? [null, null, null];
  return {
    ...ended,
    output,
    stdout,
    stderr,
    ...error && { error: toError(error, file) }
  };
}
function openBinding() {
  if (!TESTED.test(process.version) || process.platform === "win32") return void 0;
  try {
    return process.binding("spawn_sync");
  } catch {
    return void 0;
  }
}
function toError(errno, file) {
  const code = process.getBuiltinModule("node:util").getSystemErrorName(errno);
  return Object.assign(new Error(`spawnSync ${file} ${code}`), { errno, code, path: file });
}
var TESTED;
var init_spawnToEnd = __esm({
  "src/adapters/git/spawnToEnd.ts"() {
    "use strict";
    TESTED = /^v2[024]\./;
  }
});

// src/adapters/git/callGit.ts
function callGit(args, env, bounds) {
  return spawnToEnd(findGit(env), args, childEnvironment(env), { maxBuffer: 1 << 28, ...bounds });
}
function complaintOf(stderr) {
  const text4 = `${stderr ?? ""}`;
  const [, said] = /^(?:fatal|error): *(.+)/m.exec(text4) ?? /^(?!warning: |hint: )(.+)/m.exec(text4) ?? [];
  return said ?? "it did not say why";
}
var init_callGit = __esm({
  "src/adapters/git/callGit.ts"() {
    "use strict";
    init_childEnvironment();
    init_findGit();
    init_spawnToEnd();
  }
});

// src/core/policy.ts
function denyText(reason) {
  return reason === "issuer-mismatch" ? wrongSigner("the signer is listed, but vouched for by another issuer") : wrongSigner("the signer is not one that the policy names");
}
function wrongSigner(text4) {
  return text4;
}
function decide(policy, sound, payload) {
  switch (policy.kind) {
    case "none":
      return { decision: "no-policy" };
    case "allow":
      return decideByList(policy.identities, sound.signer.identity);
    case "file":
      return policy.decide(sound, payload);
  }
}
function decideByList(allowed2, identity) {
  const sameSubject = allowed2.filter((entry) => sameSan(entry.subject, identity.subject));
  if (sameSubject.some((entry) => entry.issuer === identity.issuer)) return { decision: "allowed" };
  const reason = sameSubject.length > 0 ? "issuer-mismatch" : "identity-not-listed";
  return { decision: "denied", reason, text: denyText(reason) };
}
function sameSan(a, b) {
  return a.type === b.type && a.value === b.value;
}
var NO_POLICY;
var init_policy = __esm({
  "src/core/policy.ts"() {
    "use strict";
    NO_POLICY = { kind: "none" };
  }
});

// src/core/reasons.ts
function row(decision, exitCode, text4, hint = "") {
  return { decision, exitCode, text: text4, hint };
}
function allowed(text4) {
  return row("allowed", EXIT.good, text4);
}
function denied(text4, hint = "") {
  return row("denied", EXIT.no, text4, hint);
}
function incomplete(text4, hint = "") {
  return row("incomplete", EXIT.unjudged, text4, hint);
}
var REASONS;
var init_reasons = __esm({
  "src/core/reasons.ts"() {
    "use strict";
    init_errors();
    init_policy();
    REASONS = {
      // Who signed.
      allowed: allowed("the policy allows the signer"),
      exempt: allowed("the policy exempts it by name"),
      "vouched-for": allowed("whoever merged it vouches for it"),
      open: allowed("the policy leaves this ref open"),
      "no-policy": row("no-policy", EXIT.good, "no policy says who may sign"),
      "policy-required": row("no-policy", EXIT.unjudged, "a policy is asked for, and there is none"),
      "identity-not-listed": denied(
        denyText("identity-not-listed"),
        "Sign as somebody whom the policy names, or have an editor add the signer."
      ),
      "issuer-mismatch": denied(
        denyText("issuer-mismatch"),
        "Log in where the policy says, or have an editor add this issuer."
      ),
      "claim-mismatch": denied(
        "the workflow is listed, but this run of it has other claims than the policy asks for",
        "Compare the claims in git-signet verify --format json with those of the policy."
      ),
      "other-instance": denied(
        "the certificate is from a Sigstore that the policy does not count",
        "An editor can name its root in `instance`; a shell that is set to a sandbox shows this too."
      ),
      expired: denied(
        "the policy lists the signer only until before it was signed",
        "Sign it again as somebody whom the policy lists now."
      ),
      "not-yet-valid": denied(
        "the policy lists the signer only from a later time on",
        "Sign it again, or have an editor change `valid-from`."
      ),
      revoked: denied(
        "the policy has revoked the signer for what was signed from then on",
        "An editor can exempt single commits by their full ids."
      ),
      "not-demanded": denied("the signer is not the one that is demanded"),
      // What for.
      "role-not-allowed": denied(
        "the signer is listed, but not among those who may sign here",
        "Have somebody whom the rule names merge it."
      ),
      "merged-not-allowed": denied(
        "the signer is listed, but not among those whose commits a merge may bring in here",
        "Have it signed again by somebody whom the rule names under `merged`."
      ),
      "path-not-allowed": denied(
        "it changes files that only others may change",
        "Have somebody whom the rule with `paths` names sign it."
      ),
      "policy-change-denied": denied(
        "it changes the policy, and the signer is no editor by the policy before it",
        "Have an editor sign the change."
      ),
      "forge-not-allowed": denied(
        "a forge signed it, and the policy does not let the forge do this",
        "Sign it yourself, or let the forge make a merge without conflicts where `forge` allows that."
      ),
      "forge-unchecked": denied(
        "a forge signed it, and whether it may is seen in the whole repository only",
        "Run git-signet policy explain."
      ),
      "committer-mismatch": denied(
        "the committer is not the one who signed",
        "Set user.email to the address that you sign with, or add yours to `committers`."
      ),
      // Tags.
      "tag-name-mismatch": denied(
        "the tag calls itself otherwise than its ref",
        "Make the tag again under its name."
      ),
      "tag-lightweight": denied("it is a tag without an object that could be signed", "Make it with git tag -s."),
      "tag-nested": denied("it is a tag of a tag", "Tag the commit itself."),
      "tag-of-no-commit": denied("it is a tag of something else than a commit", "Tag a commit."),
      "tag-target": denied(
        "the tag is of a commit that is not in the refs that the rule names",
        "Push the commit there first, or in the same push."
      ),
      "tag-moved": denied("the tag exists already", "Make a new tag; a released one stays what it is."),
      // Refs and pushes.
      "ref-denied": denied(
        "no rule names this ref, and the policy denies all others",
        "Push to a ref that it names."
      ),
      "ref-reserved": denied(
        "nobody may push to this ref",
        "It would change what others see, or what is trusted."
      ),
      "stale-ref": denied("the ref is not where the push believes it", "Fetch and push again."),
      "wrong-type": denied("this kind of object has no place at this ref"),
      "non-fast-forward": denied("it leaves commits of the ref behind", "Rebase onto the ref and push again."),
      deletion: denied("the ref may not be deleted", "A rule with `delete = true` would allow it."),
      "policy-ref-deletion": denied("the ref that the policy is read from may never be deleted"),
      "old-as-side-branch": denied(
        "it has the ref as a side branch, and undoes a protected change so",
        "Rebase onto the ref and push again."
      ),
      "policy-invalid": denied(
        "the policy in it cannot be read, or has no editor",
        "Run git-signet policy check in the commit."
      ),
      "first-push": denied("the first push brings the ref of the policy only", "Push that ref alone first."),
      "introduction-missing": denied(
        "the introduction is not in it",
        "Check the introduction that git-signet hook install was given."
      ),
      "too-many-commits": denied("it brings more commits than are judged at once", "Push them in several steps."),
      "push-cert-required": denied("the push itself has to be signed", "Push with git push --signed."),
      "push-cert-invalid": denied(
        "the signature of the push is not over this push",
        "Push again with git push --signed."
      ),
      // Not judged.
      unproven: row(
        "unproven",
        EXIT.unjudged,
        "nothing proves when it was signed",
        "If its log entry is all that is missing: git-signet prove"
      ),
      "service-unreachable": row(
        "unproven",
        EXIT.service,
        "its log entry could not be asked for",
        "Try again when the log answers."
      ),
      // A check failed.
      "payload-failed": denied("what was signed is no object of this kind"),
      "signature-failed": denied("the signature is not over this object"),
      "certificate-failed": denied("the certificate does not hold"),
      "sct-failed": denied("the certificate was not published as it says"),
      "logEntry-failed": denied("the log entry is not of this signature"),
      "timestamp-failed": denied("the timestamp does not hold"),
      "identity-failed": denied("the identity does not hold"),
      // No signature to judge: a rule refuses them; alone, they are neither good nor bad.
      unsigned: row(
        "denied",
        EXIT.unjudged,
        "it is not signed",
        "Sign it: git rebase --exec 'git commit --amend -S --no-edit' onto what is there."
      ),
      "other-format": row("denied", EXIT.unjudged, "it is signed with OpenPGP or SSH, by no key of the policy"),
      foreign: row(
        "unproven",
        EXIT.unjudged,
        "no authority that is trusted here vouches for the signer",
        "Where the signer uses another Sigstore, its trusted root has to be set here: git-signet trust show"
      ),
      malformed: row("unproven", EXIT.unjudged, "the signature cannot be read, or there are several"),
      // No object to judge.
      missing: incomplete("the object is not in this repository"),
      "too-large": incomplete("the object is too large"),
      "wrong-id": incomplete("the bytes of the object are not those that its name stands for"),
      "other-kind": incomplete("it is an object that carries no signature"),
      incomplete: incomplete(
        "its history ends here before its start",
        "Push from a clone with the whole history."
      )
    };
  }
});

// src/core/policy/foldName.ts
function foldName(name) {
  if (/^[ -~]*$/.test(name)) return name.toLowerCase();
  const visible = name.normalize("NFD").replace(new RegExp("\\p{Default_Ignorable_Code_Point}", "gu"), "");
  return visible.toUpperCase().toLowerCase();
}
var init_foldName = __esm({
  "src/core/policy/foldName.ts"() {
    "use strict";
  }
});

// src/core/policy/glob.ts
function globMatches(pattern, name) {
  let reached = [0];
  for (const part of pattern.split(/(\*+)/)) {
    if (part === "") continue;
    reached = part.startsWith("*") ? afterStar(reached, name, part.length > 1) : afterText(reached, name, part);
  }
  return reached.includes(name.length);
}
function someGlobMatches(patterns, name) {
  return patterns.some((pattern) => globMatches(pattern, name));
}
function someGlobIsTouched(patterns, path) {
  const name = foldName(path);
  const folded = patterns.map(foldName);
  return someGlobMatches(folded, name) || folded.some((pattern) => foldersOf(pattern).includes(name));
}
function foldersOf(pattern) {
  const segments = pattern.split("/").slice(0, -1);
  const star = segments.findIndex((segment) => segment.includes("*"));
  const plain = star < 0 ? segments : segments.slice(0, star);
  return plain.map((_, place) => plain.slice(0, place + 1).join("/"));
}
function afterText(reached, name, text4) {
  return reached.filter((at) => name.startsWith(text4, at)).map((at) => at + text4.length);
}
function afterStar(reached, name, crossesSlash) {
  const ends = /* @__PURE__ */ new Set();
  for (const start of reached) {
    for (let at = start; at <= name.length && !ends.has(at); at += 1) {
      ends.add(at);
      if (!crossesSlash && name[at] === "/") break;
    }
  }
  return [...ends];
}
var init_glob = __esm({
  "src/core/policy/glob.ts"() {
    "use strict";
    init_foldName();
  }
});

// src/core/isoTime.ts
function isoTime(time) {
  const date = `${time.getUTCFullYear()}-${twoDigits(time.getUTCMonth() + 1)}-${twoDigits(time.getUTCDate())}`;
  const clock = `${twoDigits(time.getUTCHours())}:${twoDigits(time.getUTCMinutes())}:${twoDigits(time.getUTCSeconds())}`;
  return `${date}T${clock}Z`;
}
function twoDigits(value) {
  return value < 10 ? `0${value}` : `${value}`;
}
var init_isoTime = __esm({
  "src/core/isoTime.ts"() {
    "use strict";
  }
});

// src/core/policy/whoIs.ts
function whoIs(facts, policy) {
  if (facts.type === "sigstore" && !policy.instances.includes(facts.instance))
    return { reason: "other-instance" };
  const at = isoTime(facts.at);
  const known2 = [];
  let nearest = 0;
  for (const { name, forge, identities } of policy.signers) {
    for (const identity of identities) {
      const miss = missOf(identity, facts) ?? outsideWindow(identity, at);
      if (miss === void 0) known2.push({ name, forge, identity });
      else nearest = Math.max(nearest, MISSES.indexOf(miss));
    }
  }
  if (known2.length === 0) return { reason: MISSES[nearest] ?? "identity-not-listed" };
  const isRevoked = policy.revocations.some(
    ({ signer, after }) => known2.some(({ name }) => name === signer) && after <= at
  );
  return isRevoked ? { reason: "revoked" } : { known: known2 };
}
function missOf(mark, facts) {
  switch (mark.type) {
    case "ssh":
      return facts.type === "ssh" && facts.key === mark.key ? void 0 : "identity-not-listed";
    case "openpgp":
      return facts.type === "openpgp" && facts.fingerprint === mark.fingerprint ? void 0 : "identity-not-listed";
    case "email":
    case "uri":
    case "username":
    case "email-domain": {
      if (facts.type !== "sigstore" || !isSubject(mark, facts.identity.subject)) return "identity-not-listed";
      if (facts.identity.issuer !== mark.issuer) return "issuer-mismatch";
      return mark.claims.every((rule2) => isClaimed(rule2, facts.claims)) ? void 0 : "claim-mismatch";
    }
  }
}
function isSubject(mark, subject) {
  if (mark.type !== "email-domain") return subject.type === mark.type && subject.value === mark.value;
  const [local, domain, ...more] = subject.value.split("@");
  return subject.type === "email" && local !== "" && domain === mark.value && more.length === 0;
}
function isClaimed({ number, values: values2 }, claims) {
  const value = claims.get(number);
  return value !== void 0 && values2.includes(value);
}
function outsideWindow({ validFrom, validUntil }, at) {
  if (validFrom !== void 0 && at < validFrom) return "not-yet-valid";
  return validUntil !== void 0 && at >= validUntil ? "expired" : void 0;
}
var MISSES;
var init_whoIs = __esm({
  "src/core/policy/whoIs.ts"() {
    "use strict";
    init_isoTime();
    MISSES = [
      "identity-not-listed",
      "issuer-mismatch",
      "claim-mismatch",
      "not-yet-valid",
      "expired"
    ];
  }
});

// src/core/policy/mayDo.ts
function judgeCommit(deed, rules, policy) {
  if (policy.exempt.some(({ commits }) => commits.includes(deed.oid))) return { reason: "exempt" };
  if (rules.whole.length === 0 && rules.default === "deny") return { reason: "ref-denied" };
  const applying = applyingRules(deed, rules);
  const isOpen = rules.whole.length === 0 && rules.default === "open" && applying.length === 0;
  if (isOpen && deed.policyChange === "none") return { reason: "open" };
  if (!deed.mainline && isVouchedFor(applying, rules)) return { reason: "vouched-for" };
  if ("reason" in deed.signed) return deed.signed;
  const { facts } = deed.signed;
  const standing = whoIs(facts, policy);
  if ("reason" in standing) return standing;
  const rulings = standing.known.map((who) => rule(who, deed, { applying, rules, policy }));
  const best = rulings.find(({ reason }) => reason === "allowed") ?? rulings[0];
  if (best === void 0 || best.reason !== "allowed") return best ?? { reason: "identity-not-listed" };
  return withCommitter(best, deed.committer, { facts, policy, known: standing.known });
}
function judgeTag(deed, rules, policy) {
  if (rules.whole.length === 0 && rules.default === "deny") return { reason: "ref-denied" };
  const isSignedWanted = rules.whole.length === 0 ? false : rules.whole.some(({ tags }) => tags === "signed");
  if (!isSignedWanted && (rules.whole.length > 0 || rules.default === "open")) return { reason: "open" };
  if ("reason" in deed.signed) {
    const isUnsigned = deed.signed.reason === "unsigned";
    return isUnsigned && !isSignedWanted ? { reason: "open" } : deed.signed;
  }
  const { facts } = deed.signed;
  const standing = whoIs(facts, policy);
  if ("reason" in standing) return standing;
  const rulings = standing.known.map((who) => {
    if (who.forge) return { reason: "forge-not-allowed", signer: who.name };
    const refusing = rules.whole.find(
      ({ tags, signers }) => tags === "signed" && !signers.includes(who.name)
    );
    if (refusing !== void 0) return { reason: "role-not-allowed", signer: who.name, rule: refusing };
    return { reason: "allowed", signer: who.name };
  });
  const best = rulings.find(({ reason }) => reason === "allowed") ?? rulings[0];
  if (best === void 0 || best.reason !== "allowed") return best ?? { reason: "identity-not-listed" };
  return withCommitter(best, deed.tagger, { facts, policy, known: standing.known });
}
function judgePush(signed, rules, policy) {
  if ("reason" in signed) return signed;
  const standing = whoIs(signed.facts, policy);
  if ("reason" in standing) return standing;
  const rulings = standing.known.map((who) => {
    if (who.forge) return { reason: "forge-not-allowed", signer: who.name };
    const refusing = rules.whole.find(({ signers }) => !signers.includes(who.name));
    if (refusing !== void 0) return { reason: "role-not-allowed", signer: who.name, rule: refusing };
    return { reason: "allowed", signer: who.name };
  });
  return rulings.find(({ reason }) => reason === "allowed") ?? rulings[0] ?? { reason: "identity-not-listed" };
}
function isByEditor(signed, policy) {
  if ("reason" in signed) return false;
  const standing = whoIs(signed.facts, policy);
  return "known" in standing && standing.known.some(({ name, forge }) => !forge && policy.editors.includes(name));
}
function applyingRules({ changedPaths: changedPaths2 }, { whole, paths }) {
  const touched = paths.filter((one) => changedPaths2.some((path) => someGlobIsTouched(one.paths, path)));
  return [...whole, ...touched];
}
function isVouchedFor(applying, { whole }) {
  return whole.length > 0 && applying.every(({ merged }) => merged === "*");
}
function rule(who, deed, { applying, rules, policy }) {
  const { name: signer } = who;
  if (deed.policyChange !== "none" && !policy.editors.includes(signer)) {
    const isForges = who.forge && deed.policyChange === "by-editors";
    if (!isForges) return { reason: "policy-change-denied", signer };
  }
  if (who.forge) {
    const moving = movingRule(deed, applying);
    if (moving !== void 0) return { reason: "path-not-allowed", signer, rule: moving };
    const refusing2 = refusingForge(deed, applying, rules);
    return refusing2 === void 0 ? { reason: "allowed", signer } : { reason: "forge-not-allowed", signer, ...refusing2 };
  }
  const refusing = applying.find((one) => !isAmong(signer, deed.mainline ? one.signers : one.merged));
  if (refusing === void 0) return { reason: "allowed", signer };
  if (refusing.paths.length > 0) return { reason: "path-not-allowed", signer, rule: refusing };
  return { reason: deed.mainline ? "role-not-allowed" : "merged-not-allowed", signer, rule: refusing };
}
function movingRule(deed, applying) {
  const { author, cleanMerge, byRename = [] } = deed;
  if (!cleanMerge) return void 0;
  return applying.find(({ paths, forgeAuthors }) => {
    const isAuthors = author !== void 0 && forgeAuthors.includes(author);
    return !isAuthors && byRename.some((path) => someGlobIsTouched(paths, path));
  });
}
function isAmong(name, names) {
  return names === "*" || names.includes(name);
}
function refusingForge(deed, applying, { whole }) {
  if (whole.length === 0) {
    if (!deed.cleanMerge) return {};
  }
  const refusing = applying.find((one) => {
    const mayMerge = one.forge === void 0 || one.forge.includes("clean-merge");
    if (deed.cleanMerge && mayMerge) return false;
    return deed.author === void 0 || !one.forgeAuthors.includes(deed.author);
  });
  return refusing && { rule: refusing };
}
function withCommitter(ruling, committer, about) {
  const { policy, known: known2 } = about;
  if (policy.committer === "off" || known2.some(({ forge }) => forge)) return ruling;
  if (known2.some((who) => isCommitter(committer, who, about.facts))) return ruling;
  return policy.committer === "warn" ? { ...ruling, committerDiffers: true } : { ...ruling, reason: "committer-mismatch" };
}
function isCommitter(committer, { identity }, facts) {
  if (committer === void 0) return false;
  const own = facts.type === "sigstore" && facts.identity.subject.type === "email" ? [facts.identity.subject.value] : [];
  return [...own, ...identity.committers].some((address) => sameAddress(address, committer));
}
function sameAddress(a, b) {
  return foldDomain(a) === foldDomain(b);
}
function foldDomain(address) {
  const at = address.lastIndexOf("@") + 1;
  return address.slice(0, at) + address.slice(at).toLowerCase();
}
var init_mayDo = __esm({
  "src/core/policy/mayDo.ts"() {
    "use strict";
    init_glob();
    init_whoIs();
  }
});

// src/core/policy/refRules.ts
function rulesFor(policy, names, ignoreCase = false) {
  const fold = (text4) => foldRef(text4, ignoreCase);
  const matching = policy.rules.filter(
    ({ refs }) => refs.some((pattern) => names.some((name) => globMatches(fold(pattern), fold(name))))
  );
  return {
    whole: matching.filter(({ paths }) => paths.length === 0),
    paths: matching.filter(({ paths }) => paths.length > 0),
    default: policy.default
  };
}
function foldRef(name, ignoreCase) {
  return ignoreCase ? foldName(name) : name;
}
function mayUpdate(rules, what) {
  return rules.whole.length === 0 ? rules.default !== "deny" : rules.whole.every((rule2) => rule2[what]);
}
function wantsPushCertificate({ whole, paths }) {
  return [...whole, ...paths].some(({ pushCert }) => pushCert === "require");
}
var init_refRules = __esm({
  "src/core/policy/refRules.ts"() {
    "use strict";
    init_foldName();
    init_glob();
  }
});

// src/core/limits.ts
var MAX_ARMOR_BYTES, MAX_PAYLOAD_BYTES, MAX_HEADER_BYTES, MAX_DER_DEPTH, MAX_DER_ELEMENTS, MAX_OID_BYTES, MAX_CERTIFICATES, MAX_TIMESTAMP_TOKENS, MAX_TIMESTAMP_ACCURACY_MS, MAX_TIMESTAMP_INTERMEDIATES, MAX_TIMESTAMP_CHAIN_BYTES, MAX_EVIDENCE_ENTRIES, MAX_EVIDENCE_ENTRY_BYTES, MAX_FACTS_BYTES, MAX_REMEMBERED_LEAFS, MAX_REMEMBERED_LEAF_BYTES, MAX_REMEMBERED_SIGNATURE_BYTES, MAX_PROOF_HASHES, MAX_CHECKPOINT_BYTES, MAX_CHECKPOINT_SIGNATURES, MAX_SCTS, MAX_TRUSTED_ROOT_BYTES, MAX_ANSWER_BYTES, MAX_TIMESTAMP_BYTES, MAX_ID_TOKEN_BYTES, MAX_CLOCK_SKEW_MS, MAX_NOTE_BYTES, MAX_NOTE_ENTRIES, TUF_REFRESH_MS, MAX_FACT_FILE_BYTES, MAX_BUNDLE_BYTES, MAX_ARTIFACT_BYTES, MAX_POLICY_BYTES, MAX_NEW_COMMITS, MAX_PIN_BYTES, MAX_GIT_OUTPUT_BYTES, MAX_NOTES_LIST_BYTES;
var init_limits = __esm({
  "src/core/limits.ts"() {
    "use strict";
    MAX_ARMOR_BYTES = 1 << 20;
    MAX_PAYLOAD_BYTES = 64 << 20;
    MAX_HEADER_BYTES = 2 << 20;
    MAX_DER_DEPTH = 32;
    MAX_DER_ELEMENTS = 4096;
    MAX_OID_BYTES = 64;
    MAX_CERTIFICATES = 8;
    MAX_TIMESTAMP_TOKENS = 8;
    MAX_TIMESTAMP_ACCURACY_MS = 6e4;
    MAX_TIMESTAMP_INTERMEDIATES = 4;
    MAX_TIMESTAMP_CHAIN_BYTES = 256 << 10;
    MAX_EVIDENCE_ENTRIES = 64;
    MAX_EVIDENCE_ENTRY_BYTES = 64 << 10;
    MAX_FACTS_BYTES = 64 << 10;
    MAX_REMEMBERED_LEAFS = 256;
    MAX_REMEMBERED_LEAF_BYTES = 4 << 10;
    MAX_REMEMBERED_SIGNATURE_BYTES = 64 << 10;
    MAX_PROOF_HASHES = 64;
    MAX_CHECKPOINT_BYTES = 16 << 10;
    MAX_CHECKPOINT_SIGNATURES = 64;
    MAX_SCTS = 16;
    MAX_TRUSTED_ROOT_BYTES = 1 << 20;
    MAX_ANSWER_BYTES = 1 << 20;
    MAX_TIMESTAMP_BYTES = 64 << 10;
    MAX_ID_TOKEN_BYTES = 32 << 10;
    MAX_CLOCK_SKEW_MS = 5 * 6e4;
    MAX_NOTE_BYTES = 256 << 10;
    MAX_NOTE_ENTRIES = 16;
    TUF_REFRESH_MS = 24 * 36e5;
    MAX_FACT_FILE_BYTES = 256 << 10;
    MAX_BUNDLE_BYTES = 1 << 20;
    MAX_ARTIFACT_BYTES = 64 << 10;
    MAX_POLICY_BYTES = 256 << 10;
    MAX_NEW_COMMITS = 1e4;
    MAX_PIN_BYTES = 4 << 20;
    MAX_GIT_OUTPUT_BYTES = 128 << 20;
    MAX_NOTES_LIST_BYTES = 32 << 20;
  }
});

// src/core/policy/signature.ts
function toSignatureFacts({ signer, signedAt }) {
  const { identity, claims, instance } = signer;
  return { type: "sigstore", identity, claims, instance, at: signedAt };
}
var init_signature = __esm({
  "src/core/policy/signature.ts"() {
    "use strict";
  }
});

// src/core/failure.ts
function refuse(reason) {
  throw new CheckFailure(reason);
}
function isCheckFailure(error) {
  return isSignetError(error) && error.code === "malformed";
}
var CheckFailure;
var init_failure = __esm({
  "src/core/failure.ts"() {
    "use strict";
    init_errors();
    CheckFailure = class extends SignetError {
      constructor(reason) {
        super("malformed", reason);
        this.name = "CheckFailure";
      }
    };
  }
});

// src/core/bytes.ts
function view(bytes) {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
function sameBytes(a, b) {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
function toHex(bytes) {
  return view(bytes).toString("hex");
}
function toBase64(bytes) {
  return view(bytes).toString("base64");
}
function decodeBase64(text4, what) {
  const bytes = Buffer.from(text4, "base64");
  return bytes.toString("base64") === text4 ? bytes : refuse(`${what} is not canonical base64`);
}
function decodeText(bytes, what) {
  const text4 = view(bytes).toString("utf8");
  return text4.includes("\uFFFD") ? refuse(`${what} is not UTF-8`) : text4;
}
var init_bytes = __esm({
  "src/core/bytes.ts"() {
    "use strict";
    init_failure();
  }
});

// src/core/der.ts
function parseDer(bytes) {
  elementsLeft = MAX_DER_ELEMENTS;
  const node = readNode(bytes, 0, bytes.length, 0);
  return node.end === bytes.length ? node : refuse("DER has bytes after its end");
}
function encodedOf({ source, start, end }) {
  return source.subarray(start, end);
}
function expectTag(node, tag, what) {
  if (node === void 0) return refuse(`${what} is missing`);
  return node.tag === tag ? node : refuse(`${what} has the wrong type`);
}
function contentOf(node, tag, what) {
  const { source, body, end } = expectTag(node, tag, what);
  return source.subarray(body, end);
}
function childrenOf(node, tag, what, count) {
  const { children } = expectTag(node, tag, what);
  if (children.length < count[0]) return refuse(`${what} has too few parts`);
  return children.length > (count[1] ?? count[0]) ? refuse(`${what} has too many parts`) : children;
}
function oidOf(node, what) {
  const { source, body, end } = expectTag(node, OBJECT_ID, what);
  let text4 = "";
  let arc = 0;
  for (let at = body; at < end; at++) {
    const octet = source[at];
    arc = arc * 128 + (octet & 127);
    if (octet > 127) continue;
    const root = arc < 80 ? Math.floor(arc / 40) : 2;
    text4 += text4 === "" ? `${root}.${arc - root * 40}` : `.${arc}`;
    arc = 0;
  }
  return text4;
}
function smallIntegerOf(node, what) {
  const { source, body, end } = expectTag(node, INTEGER, what);
  let value = 0;
  for (let at = body; at < end; at++) value = value * 256 + source[at];
  const right = end - body < 5 && value < 2 ** ((end - body) * 8 - 1);
  return right ? value : refuse(`${what} is out of range`);
}
function timeOf(node, what) {
  const utc = node?.tag === UTC_TIME;
  const { source, body, end } = expectTag(node, utc ? UTC_TIME : GENERALIZED_TIME, what);
  const from = utc ? body + 2 : body + 4;
  let right = end - from === 11 && source[end - 1] === 90;
  for (let at = body; at < end - 1; at++) {
    const digit = source[at] - 48;
    right &&= digit >= 0 && digit <= 9;
  }
  if (!right) return refuse(`${what} is no date in DER`);
  const short = pairAt(source, body);
  const year = utc ? short + (short < 50 ? 2e3 : 1900) : short * 100 + pairAt(source, body + 2);
  const month = pairAt(source, from);
  const day = pairAt(source, from + 2);
  const hour = pairAt(source, from + 4);
  const minute = pairAt(source, from + 6);
  const second = pairAt(source, from + 8);
  right = month > 0 && month < 13 && day > 0 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
  right &&= hour < 24 && minute < 60 && second < 60 && (utc || year >= 2050);
  return right ? Date.UTC(year, month - 1, day, hour, minute, second) : refuse(`${what} is no date in DER`);
}
function pairAt(source, at) {
  return (source[at] - 48) * 10 + source[at + 1] - 48;
}
function readNode(source, start, limit, depth) {
  if (depth > MAX_DER_DEPTH) refuse("DER is nested too deeply");
  if (--elementsLeft < 0) refuse("DER has too many elements");
  const tag = source[start];
  let body = start + 2;
  let length = source[start + 1];
  const octets = length & 127;
  if (length > 127 && body + octets <= limit) {
    if (octets === 0 || octets > 4) refuse("DER has an indefinite or endless length");
    length = 0;
    for (const end2 = body + octets; body < end2; body++) length = length * 256 + source[body];
    if (length < 128 || length < 256 ** (octets - 1)) refuse("DER has a length that is not minimal");
  }
  const end = body + length;
  if (!(end <= limit)) refuse("DER is cut short");
  if (checkTag(tag)) {
    checkPrimitive(source, tag, body, end);
    return { tag, source, start, body, end, children: NO_CHILDREN };
  }
  const children = [];
  for (let at = body; at < end; ) {
    const child = readNode(source, at, end, depth + 1);
    children.push(child);
    at = child.end;
  }
  return { tag, source, start, body, end, children };
}
function checkTag(tag) {
  const number = tag & 31;
  const primitive = (tag & 32) === 0;
  const inPieces = tag < 64 && primitive === (number === 16 || number === 17);
  if (number === 31 || tag === 0 || inPieces) refuse("DER has a tag that does not belong there");
  return primitive;
}
function checkPrimitive(source, tag, start, end) {
  const length = end - start;
  const first = source[start];
  const last3 = source[end - 1];
  let right = true;
  if (tag === INTEGER) {
    const next = source[start + 1] & 128;
    right = length > 0 && !(length > 1 && (first === 0 && next === 0 || first === 255 && next !== 0));
  } else if (tag === BOOLEAN) {
    right = length === 1 && (first === 0 || first === 255);
  } else if (tag === NULL) {
    right = length === 0;
  } else if (tag === BIT_STRING) {
    right = length > 0 && first < 8 && (length > 1 ? (last3 & (1 << first) - 1) === 0 : first === 0);
  } else if (tag === OBJECT_ID) {
    right = length > 0 && length <= MAX_OID_BYTES && last3 < 128;
    for (let at = start; at < end; at++) {
      if (source[at] === 128 && (at === start || source[at - 1] < 128)) right = false;
    }
  }
  if (!right) refuse(`DER has a value of type ${tag} that is not minimal or not whole`);
}
var BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OBJECT_ID, UTF8_STRING, UTC_TIME, GENERALIZED_TIME, SEQUENCE, SET, elementsLeft, NO_CHILDREN;
var init_der = __esm({
  "src/core/der.ts"() {
    "use strict";
    init_failure();
    init_limits();
    BOOLEAN = 1;
    INTEGER = 2;
    BIT_STRING = 3;
    OCTET_STRING = 4;
    NULL = 5;
    OBJECT_ID = 6;
    UTF8_STRING = 12;
    UTC_TIME = 23;
    GENERALIZED_TIME = 24;
    SEQUENCE = 48;
    SET = 49;
    elementsLeft = 0;
    NO_CHILDREN = [];
  }
});

// src/core/assume.ts
async function assumingSignatures(examine) {
  const { result, signatures } = noteDown(examine);
  const right = await Promise.all(signatures.map(isRightElsewhere));
  return right.every(Boolean) ? result : void 0;
}
function assumingSignaturesHere(examine) {
  if (assumed !== void 0) return examine();
  const { result, signatures } = noteDown(examine);
  return signatures.every(isRight) ? result : void 0;
}
function assumingNothing(make) {
  const outer = assumed;
  assumed = void 0;
  try {
    return make();
  } finally {
    assumed = outer;
  }
}
function noteDown(examine) {
  const signatures = [];
  assumed = signatures;
  try {
    return { result: examine(), signatures };
  } finally {
    assumed = void 0;
  }
}
function isRight({ digest, data, key, signature }) {
  try {
    return (0, import_node_crypto.verify)(digest, data, key, signature);
  } catch {
    return false;
  }
}
function isRightElsewhere({ digest, data, key, signature }) {
  return new Promise((resolve3) => {
    try {
      (0, import_node_crypto.verify)(digest, data, key, signature, (error, right) => resolve3(error === null && right));
    } catch {
      resolve3(false);
    }
  });
}
var import_node_crypto, assumed;
var init_assume = __esm({
  "src/core/assume.ts"() {
    "use strict";
    import_node_crypto = require("node:crypto");
  }
});

// src/core/oids.ts
var DATA, SIGNED_DATA, CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME, TIMESTAMP_TOKEN, LOG_ENTRY, SHA256, EC_PUBLIC_KEY, ECDSA_WITH_SHA256, RSA_ENCRYPTION;
var init_oids = __esm({
  "src/core/oids.ts"() {
    "use strict";
    DATA = "1.2.840.113549.1.7.1";
    SIGNED_DATA = "1.2.840.113549.1.7.2";
    CONTENT_TYPE = "1.2.840.113549.1.9.3";
    MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
    SIGNING_TIME = "1.2.840.113549.1.9.5";
    TIMESTAMP_TOKEN = "1.2.840.113549.1.9.16.2.14";
    LOG_ENTRY = "1.3.6.1.4.1.57264.3.1";
    SHA256 = "2.16.840.1.101.3.4.2.1";
    EC_PUBLIC_KEY = "1.2.840.10045.2.1";
    ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
    RSA_ENCRYPTION = "1.2.840.113549.1.1.1";
  }
});

// src/core/once.ts
function once(make) {
  let made;
  return () => {
    made ??= { value: assumingNothing(make) };
    return made.value;
  };
}
var init_once = __esm({
  "src/core/once.ts"() {
    "use strict";
    init_assume();
  }
});

// src/core/keys.ts
function importKey(spki) {
  const what = "the public key";
  const { 0: algorithm, 1: bits } = childrenOf(spki, SEQUENCE, what, [2]);
  const { 0: oid, 1: parameter } = childrenOf(algorithm, SEQUENCE, what, [1, 2]);
  const kind = oidOf(oid, what);
  const point = contentOf(bits, BIT_STRING, what).subarray(1);
  const type = kind === EC_PUBLIC_KEY ? CURVES[oidOf(parameter, what)] : kind === RSA_ENCRYPTION ? "RSA" : kind === ED25519 ? "Ed25519" : void 0;
  if (type === void 0) return refuse(`${what} is of a kind that is not supported`);
  const der = encodedOf(spki);
  if (type.startsWith("P") && (point[0] !== 4 || point.length !== 1 + 2 * COORDINATE[type]))
    return refuse(`${what} cannot be used`);
  const key = once(() => {
    try {
      return type === "P-256" ? toP256Key(point) : toKey(der, type);
    } catch {
      return refuse(`${what} cannot be used`);
    }
  });
  return { type, spki: der, key };
}
function isSignedBy(publicKey, data, signature, digest = DEFAULT_DIGEST[publicKey.type]) {
  const { type, spki } = publicKey;
  if (type === "Ed25519" !== (digest === null)) return false;
  if (assumed !== void 0) {
    assumed.push({ digest, data, key: publicKey.key(), signature });
    return true;
  }
  if (unkept > 0 && type.startsWith("P")) {
    unkept--;
    if (isRight2(digest, data, { key: view(spki), format: "der", type: "spki" }, signature)) return true;
  }
  return isRight2(digest, data, publicKey.key(), signature);
}
function isRight2(digest, data, key, signature) {
  try {
    return (0, import_node_crypto2.verify)(digest, data, key, signature);
  } catch {
    return false;
  }
}
function toP256Key(point) {
  const coordinate = (from) => view(point.subarray(from, from + 32)).toString("base64url");
  return (0, import_node_crypto2.createPublicKey)({
    key: { kty: "EC", crv: "P-256", x: coordinate(1), y: coordinate(33) },
    format: "jwk"
  });
}
function toKey(spki, type) {
  const key = (0, import_node_crypto2.createPublicKey)({ key: view(spki), format: "der", type: "spki" });
  if (type !== "RSA") return key;
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  const binds = publicExponent >= 3n && publicExponent < 2n ** 64n;
  const usual = binds && modulusLength >= 2048 && modulusLength <= 8192;
  return usual ? key : refuse("the RSA key has an unusual size or exponent");
}
var import_node_crypto2, ED25519, SIGNATURE_ALGORITHMS, CURVES, unkept, DEFAULT_DIGEST, COORDINATE;
var init_keys = __esm({
  "src/core/keys.ts"() {
    "use strict";
    import_node_crypto2 = require("node:crypto");
    init_assume();
    init_bytes();
    init_der();
    init_failure();
    init_oids();
    init_once();
    ED25519 = "1.3.101.112";
    SIGNATURE_ALGORITHMS = {
      [ECDSA_WITH_SHA256]: ["EC", "sha256"],
      "1.2.840.10045.4.3.3": ["EC", "sha384"],
      "1.2.840.10045.4.3.4": ["EC", "sha512"],
      "1.2.840.113549.1.1.11": ["RSA", "sha256"],
      "1.2.840.113549.1.1.12": ["RSA", "sha384"],
      "1.2.840.113549.1.1.13": ["RSA", "sha512"],
      [ED25519]: ["Ed25519", null]
    };
    CURVES = {
      "1.2.840.10045.3.1.7": "P-256",
      "1.3.132.0.34": "P-384",
      "1.3.132.0.35": "P-521"
    };
    unkept = 6;
    DEFAULT_DIGEST = {
      "P-256": "sha256",
      "P-384": "sha384",
      "P-521": "sha512",
      RSA: "sha256",
      Ed25519: null
    };
    COORDINATE = { "P-256": 32, "P-384": 48, "P-521": 66 };
  }
});

// src/core/x509.ts
function parseCertificate(der) {
  return toCertificate(parseDer(der));
}
function toCertificate(node) {
  const what = "the certificate";
  const { 0: tbs, 1: algorithm, 2: bits } = childrenOf(node, SEQUENCE, what, [3]);
  const {
    0: version,
    1: serial,
    2: innerAlgorithm,
    3: issuer,
    4: validity,
    5: subject,
    6: spki,
    7: extensions2
  } = childrenOf(tbs, SEQUENCE, what, [8]);
  const { 0: number } = childrenOf(version, 160, what, [1]);
  if (smallIntegerOf(number, what) !== 2) return refuse("the certificate is not of version 3");
  const { 0: notBefore, 1: notAfter } = childrenOf(validity, SEQUENCE, "the validity", [2]);
  const key = expectTag(spki, SEQUENCE, "the public key");
  return {
    der: encodedOf(node),
    tbs,
    serialNumber: encodedOf(expectTag(serial, INTEGER, "the serial number")),
    issuer: encodedOf(expectTag(issuer, SEQUENCE, "the issuer")),
    subject: encodedOf(expectTag(subject, SEQUENCE, "the subject")),
    notBefore: timeOf(notBefore, "the validity"),
    notAfter: timeOf(notAfter, "the validity"),
    spki: encodedOf(key),
    signatureAlgorithm: algorithmOf(algorithm, innerAlgorithm),
    signature: contentOf(bits, BIT_STRING, what).subarray(1),
    extensions: parseExtensions(extensions2),
    publicKey: once(() => importKey(key))
  };
}
function algorithmOf(outer, inner) {
  const what = "the algorithm of the certificate";
  const { 0: oid } = childrenOf(outer, SEQUENCE, what, [1, 2]);
  const same = sameBytes(encodedOf(outer), encodedOf(expectTag(inner, SEQUENCE, what)));
  return same ? oidOf(oid, what) : refuse("the certificate names two signature algorithms");
}
function parseExtensions(wrapped) {
  const { 0: list3 } = childrenOf(wrapped, 163, "the list of extensions", [1]);
  const extensions2 = /* @__PURE__ */ new Map();
  for (const node of expectTag(list3, SEQUENCE, "the list of extensions").children) {
    const parts = childrenOf(node, SEQUENCE, "an extension", [2, 3]);
    const oid = oidOf(parts[0], "an extension");
    const critical = parts.length === 3 && isTrue(parts[1]);
    if (extensions2.has(oid)) return refuse(`the certificate has the extension ${oid} twice`);
    extensions2.set(oid, { critical, value: contentOf(parts.at(-1), OCTET_STRING, "an extension"), node });
  }
  return extensions2;
}
function isTrue(node) {
  const [octet] = contentOf(node, BOOLEAN, "a flag of the certificate");
  return octet !== 0 || refuse("the certificate spells out a default value");
}
function extensionOf({ extensions: extensions2 }, oid) {
  const extension = extensions2.get(oid);
  return extension && parseDer(extension.value);
}
function maxPathLengthOf(certificate) {
  const what = "the basic constraints";
  const node = extensionOf(certificate, BASIC_CONSTRAINTS);
  if (node === void 0) return -1;
  const { 0: isCa, 1: length } = childrenOf(node, SEQUENCE, what, [0, 2]);
  if (isCa === void 0 || !isTrue(isCa)) return -1;
  return length === void 0 ? Number.POSITIVE_INFINITY : smallIntegerOf(length, what);
}
function keyUsageOf(certificate) {
  const node = extensionOf(certificate, KEY_USAGE);
  return (node && contentOf(node, BIT_STRING, "the key usage")[1]) ?? 0;
}
function purposesOf(certificate) {
  const what = "the extended key usage";
  const node = extensionOf(certificate, EXTENDED_KEY_USAGE);
  return node && expectTag(node, SEQUENCE, what).children.map((purpose) => oidOf(purpose, what));
}
function subjectKeyIdOf(certificate) {
  const node = extensionOf(certificate, SUBJECT_KEY_ID);
  return node && contentOf(node, OCTET_STRING, "the subject key id");
}
function authorityKeyIdOf(certificate) {
  const node = extensionOf(certificate, AUTHORITY_KEY_ID)?.children[0];
  return node?.tag === 128 ? contentOf(node, 128, "") : void 0;
}
function nameOf(name) {
  const values2 = /* @__PURE__ */ new Map();
  for (const { children } of parseDer(name).children) {
    for (const pair of children) {
      const { 0: type, 1: value } = childrenOf(pair, SEQUENCE, "a name", [2]);
      if (value)
        values2.set(oidOf(type, "a name"), decodeText(contentOf(value, value.tag, "a name"), "a name"));
    }
  }
  return { organization: values2.get(ORGANIZATION) ?? "", commonName: values2.get(COMMON_NAME) ?? "" };
}
var SUBJECT_KEY_ID, KEY_USAGE, SUBJECT_ALT_NAME, BASIC_CONSTRAINTS, AUTHORITY_KEY_ID, EXTENDED_KEY_USAGE, SCT_LIST, DIGITAL_SIGNATURE, KEY_CERT_SIGN, COMMON_NAME, ORGANIZATION;
var init_x509 = __esm({
  "src/core/x509.ts"() {
    "use strict";
    init_bytes();
    init_der();
    init_failure();
    init_keys();
    init_once();
    SUBJECT_KEY_ID = "2.5.29.14";
    KEY_USAGE = "2.5.29.15";
    SUBJECT_ALT_NAME = "2.5.29.17";
    BASIC_CONSTRAINTS = "2.5.29.19";
    AUTHORITY_KEY_ID = "2.5.29.35";
    EXTENDED_KEY_USAGE = "2.5.29.37";
    SCT_LIST = "1.3.6.1.4.1.11129.2.4.2";
    DIGITAL_SIGNATURE = 128;
    KEY_CERT_SIGN = 4;
    COMMON_NAME = "2.5.4.3";
    ORGANIZATION = "2.5.4.10";
  }
});

// src/core/leaf.ts
function readLeaf(leaf) {
  const claims = readClaims(leaf);
  const usage = keyUsageOf(leaf);
  if (maxPathLengthOf(leaf) >= 0 || usage & KEY_CERT_SIGN) {
    return refuse("the certificate of the signer is one of an authority");
  }
  if (!(usage & DIGITAL_SIGNATURE)) return refuse("the certificate is not for signatures");
  if (!purposesOf(leaf)?.includes(CODE_SIGNING)) return refuse("the certificate is not for code signing");
  return { identity: { subject: readSan(leaf), issuer: issuerOf(claims) }, claims };
}
function readClaims({ extensions: extensions2 }) {
  const claims = /* @__PURE__ */ new Map();
  for (const [oid, { critical, value }] of extensions2) {
    if (KNOWN.includes(oid)) continue;
    const number = oid.startsWith(FULCIO_ARC) ? Number.parseInt(oid.slice(FULCIO_ARC.length), 10) : 0;
    const isFinal = oid === FULCIO_ARC + number;
    if (isFinal && number >= 1 && number <= LAST_CLAIM && number !== USERNAME) {
      const what = `the claim ${number} in the certificate`;
      const text4 = number > LAST_BARE_CLAIM ? contentOf(parseDer(value), UTF8_STRING, what) : value;
      claims.set(number, decodeText(text4, what));
    } else if (critical) {
      refuse(`the certificate has the unknown critical extension ${oid}`);
    }
  }
  return claims;
}
function readSan(leaf) {
  const san = extensionOf(leaf, SUBJECT_ALT_NAME);
  if (san === void 0) return refuse("the certificate names no identity");
  const names = expectTag(san, SEQUENCE, "the identity").children;
  const [name] = names;
  if (name === void 0 || names.length > 1) {
    return refuse("the certificate does not name exactly one identity");
  }
  switch (name.tag) {
    case 129:
      return { type: "email", value: asciiOf(name) };
    case 134:
      return { type: "uri", value: asciiOf(name) };
    default:
      return { type: "username", value: usernameOf(name) };
  }
}
function usernameOf(name) {
  const what = "the user name in the certificate";
  const { 0: type, 1: wrapped } = childrenOf(name, 160, what, [2]);
  if (oidOf(type, what) !== FULCIO_ARC + USERNAME) {
    return refuse("the certificate names an identity of an unknown kind");
  }
  const { 0: value } = childrenOf(wrapped, 160, what, [1]);
  const text4 = decodeText(contentOf(value, UTF8_STRING, what), what);
  return isPlain(text4) ? text4 : refuse(`${what} is empty or has control characters`);
}
function asciiOf(name) {
  const text4 = view(contentOf(name, name.tag, "")).toString("latin1");
  return /^[!-~]{1,2048}$/.test(text4) ? text4 : refuse("the identity in the certificate is not printable ASCII");
}
function issuerOf(claims) {
  const issuer = claims.get(8) ?? claims.get(1) ?? "";
  if (!/^[!-'*-~]{1,2048}$/.test(issuer))
    return refuse("the certificate does not say who vouched for the identity");
  const agree = (claims.get(1) ?? issuer) === issuer;
  return agree ? issuer : refuse("the certificate names two issuers of the identity");
}
function isPlain(text4) {
  return /^[^\x00-\x1f\x7f]{1,2048}$/.test(text4);
}
var FULCIO_ARC, CODE_SIGNING, LAST_BARE_CLAIM, LAST_CLAIM, USERNAME, KNOWN;
var init_leaf = __esm({
  "src/core/leaf.ts"() {
    "use strict";
    init_bytes();
    init_der();
    init_failure();
    init_x509();
    FULCIO_ARC = "1.3.6.1.4.1.57264.1.";
    CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
    LAST_BARE_CLAIM = 6;
    LAST_CLAIM = 24;
    USERNAME = 7;
    KNOWN = [
      SUBJECT_KEY_ID,
      KEY_USAGE,
      SUBJECT_ALT_NAME,
      BASIC_CONSTRAINTS,
      AUTHORITY_KEY_ID,
      EXTENDED_KEY_USAGE,
      SCT_LIST
    ];
  }
});

// src/core/trustedRoot.ts
function isWithin({ start, end }, at) {
  return at >= start && at <= end;
}
function parseTrustedRoot(bytes, { proven = false } = {}) {
  try {
    if (bytes.length > MAX_TRUSTED_ROOT_BYTES) return refuse("it is larger than 1 MiB");
    return toTrust(record2(parseJson(bytes), "the file"), bytes, proven);
  } catch (error) {
    if (!(error instanceof CheckFailure)) throw error;
    throw new SignetError(
      "no-trust",
      `The trusted root cannot be used: ${error.message}.`,
      "Give a trusted_root.json as Sigstore distributes it.",
      error
    );
  }
}
function toTrust(root, bytes, proven) {
  if (!MEDIA_TYPE.test(text2(root, "mediaType"))) return refuse("its media type is unknown");
  const toThisAuthority = (authority) => toAuthority(authority, proven);
  const certificateAuthorities = list(root, "certificateAuthorities").map(toThisAuthority);
  if (certificateAuthorities.length === 0) return refuse("it names no certificate authority");
  if (!proven) for (const { issuers } of certificateAuthorities) issuers();
  return {
    logs: list(root, "tlogs").map(toLog),
    ctLogs: list(root, "ctlogs").map(toLog),
    certificateAuthorities,
    timestampAuthorities: list(root, "timestampAuthorities").map(toThisAuthority),
    get digest() {
      return (0, import_node_crypto3.hash)("sha256", bytes, "hex");
    },
    sandbox: certificateAuthorities.some(isSandbox)
  };
}
function toLog(log) {
  const publicKey = record2(log["publicKey"], "the public key of a log");
  const spki = bytesIn(publicKey, "rawBytes");
  const logId = toHex(bytesIn(record2(log["logId"], "the id of a log"), "keyId"));
  return {
    baseUrl: text2(log, "baseUrl") || logId,
    logId,
    validFor: toPeriod(publicKey),
    key: once(() => ({ publicKey: importKey(parseDer(spki)), spki }))
  };
}
function toAuthority(authority, proven) {
  const chain = record2(authority["certChain"], "the chain of an authority");
  const ders = list(chain, "certificates").map((entry) => bytesIn(entry, "rawBytes"));
  if (ders.length === 0) return refuse("an authority has no certificate");
  const certificates = once(() => ders.map(parseCertificate));
  return {
    uri: text2(authority, "uri"),
    validFor: toPeriod(authority),
    issuers: once(() => certificates().map((_, place, all) => toIssuer(all, place, proven))),
    mentions: (bytes) => ders.some((der) => view(der).includes(view(bytes))),
    root: once(() => describeRoot(certificates().at(-1)))
  };
}
function toIssuer(certificates, place, proven) {
  const certificate = certificates[place];
  return {
    certificate,
    subjectKeyId: once(() => subjectKeyIdOf(certificate)),
    path: certificates.slice(place + 1),
    problem: once(() => proven ? void 0 : pathProblem(certificates, place))
  };
}
function describeRoot(root) {
  const { organization, commonName } = nameOf(root.subject);
  return {
    instance: (0, import_node_crypto3.hash)("sha256", root.der, "hex"),
    authority: [organization, commonName].filter((part) => part !== "").join(", ")
  };
}
function pathProblem(certificates, place) {
  try {
    return findPathProblem(certificates, place);
  } catch (error) {
    if (error instanceof CheckFailure) return `an authority cannot be used: ${error.message}`;
    throw error;
  }
}
function isSandbox({ issuers, mentions }) {
  if (!mentions(Buffer.from(SANDBOX_ORGANIZATION))) return false;
  const root = issuers().at(-1)?.certificate;
  return root !== void 0 && nameOf(root.subject).organization === SANDBOX_ORGANIZATION;
}
function toPeriod(holder) {
  const validFor2 = record2(holder["validFor"], "a validity");
  const end = validFor2["end"];
  return {
    start: toTime(validFor2["start"]),
    end: end === void 0 || end === null ? Number.POSITIVE_INFINITY : toTime(end)
  };
}
function toTime(value) {
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  const right = !Number.isNaN(time) && (isPrinted(value, time) || RFC3339.test(String(value)));
  return right ? time : refuse("a validity has no right start or end");
}
function isPrinted(value, time) {
  const seconds2 = isoTime(new Date(time)).slice(0, -1);
  return value === `${seconds2}Z` || value === `${seconds2}.${String(time % 1e3).padStart(3, "0")}Z`;
}
function parseJson(bytes) {
  try {
    return JSON.parse(decodeText(bytes, "the file"));
  } catch {
    return refuse("it is not JSON");
  }
}
function record2(value, what) {
  const right = typeof value === "object" && value !== null && !Array.isArray(value);
  return right ? value : refuse(`${what} is not an object`);
}
function list(holder, name) {
  const value = holder[name] ?? [];
  if (!Array.isArray(value)) return refuse(`${name} is not a list`);
  return value.map((entry) => record2(entry, `an entry of ${name}`));
}
function text2(holder, name) {
  const value = holder[name];
  return typeof value === "string" ? value : "";
}
function bytesIn(holder, name) {
  return decodeBase64(text2(holder, name) || refuse(`${name} is missing`), name);
}
var import_node_crypto3, SANDBOX_ORGANIZATION, MEDIA_TYPE, RFC3339;
var init_trustedRoot = __esm({
  "src/core/trustedRoot.ts"() {
    "use strict";
    import_node_crypto3 = require("node:crypto");
    init_errors();
    init_bytes();
    init_chain();
    init_der();
    init_failure();
    init_isoTime();
    init_keys();
    init_limits();
    init_once();
    init_x509();
    SANDBOX_ORGANIZATION = "git-signet sandbox";
    MEDIA_TYPE = /^application\/vnd\.dev\.sigstore\.trustedroot(?:\+json;version=0\.1|\.v0\.[12]\+json)$/;
    RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
  }
});

// src/core/chain.ts
function findIssuers(leaf, trust) {
  const keyId = authorityKeyIdOf(leaf);
  const candidates = [];
  for (const authority of trust.certificateAuthorities) {
    if (!authority.mentions(leaf.issuer)) continue;
    for (const issuer of authority.issuers()) {
      if (isNamed(issuer, leaf, keyId)) candidates.push({ authority, issuer });
    }
  }
  return candidates;
}
function openChain({ leaf, issuers, isIssuedBy: isIssuedBy3 }, at) {
  if (at < leaf.notBefore || at > leaf.notAfter) {
    return refuse("the signature was not made while the certificate was valid");
  }
  let obstacle = "";
  for (const candidate of issuers()) {
    const { authority, issuer } = candidate;
    const problem = periodProblem(authority, issuer, at) ?? issuer.problem();
    if (problem !== void 0) obstacle = problem;
    else if (isIssuedBy3(issuer.certificate)) return candidate;
    else obstacle = "the certificate is not signed by the authority that it names";
  }
  return refuse(obstacle || "the certificate is not from a trusted authority");
}
function isIssuedBy({ signatureAlgorithm, tbs, signature }, issuer) {
  const [kind, digest] = SIGNATURE_ALGORITHMS[signatureAlgorithm] ?? [];
  const key = issuer.publicKey();
  const fits = kind === (key.type.startsWith("P") ? "EC" : key.type);
  return fits && isSignedBy(key, encodedOf(tbs), signature, digest);
}
function findPathProblem(certificates, place) {
  for (const [depth, certificate] of certificates.slice(place).entries()) {
    const maxPathLength = maxPathLengthOf(certificate);
    if (maxPathLength < 0 || !(keyUsageOf(certificate) & KEY_CERT_SIGN)) {
      return "the certificate is issued by one that is no authority";
    }
    if (maxPathLength < depth) return "the chain of the certificate is longer than its root allows";
    if (purposesOf(certificate)?.includes(CODE_SIGNING) === false) {
      return "the authority may not issue certificates for code signing";
    }
    readClaims(certificate);
    const issuer = certificates[place + depth + 1];
    if (issuer === void 0) continue;
    if (!sameBytes(certificate.issuer, issuer.subject) || !isIssuedBy(certificate, issuer)) {
      return "the certificate of the authority is not signed by its root";
    }
  }
  return void 0;
}
function isNamed(issuer, leaf, keyId) {
  if (!sameBytes(issuer.certificate.subject, leaf.issuer)) return false;
  const subjectKeyId = issuer.subjectKeyId();
  return keyId === void 0 || subjectKeyId === void 0 || sameBytes(keyId, subjectKeyId);
}
function periodProblem({ validFor: validFor2 }, issuer, at) {
  if (!isWithin(validFor2, at)) return "the authority was not trusted when the signature was made";
  const valid = [issuer.certificate, ...issuer.path].every(
    ({ notBefore, notAfter }) => at >= notBefore && at <= notAfter
  );
  return valid ? void 0 : "the certificate of an authority was not valid when the signature was made";
}
var init_chain = __esm({
  "src/core/chain.ts"() {
    "use strict";
    init_bytes();
    init_der();
    init_failure();
    init_keys();
    init_leaf();
    init_trustedRoot();
    init_x509();
  }
});

// src/core/gitObject.ts
function splitObject(raw, kind, objectFormat) {
  return kind === "commit" ? splitCommit(view(raw), objectFormat) : splitTag(view(raw));
}
function payloadKind(payload) {
  const line = view(payload).toString("latin1", 0, 20);
  if (line.startsWith("tree ")) return "commit";
  if (line.startsWith("object ")) return "tag";
  return line === "certificate version " ? "push-certificate" : "unknown";
}
function committerAddress(payload) {
  const bytes = view(payload);
  const headerEnd = bytes.indexOf("\n\n");
  const header = bytes.subarray(0, headerEnd < 0 ? bytes.length : headerEnd).toString("utf8");
  return /^(?:committer|tagger) [^\n<]*<([^\n<>]*)>/m.exec(header)?.[1];
}
function splitCommit(raw, objectFormat) {
  const headers = stripSignatureHeaders(raw);
  if (typeof headers === "string") return { ...NOTHING, payload: raw, reason: headers };
  const { payload, values: values2, twice } = headers;
  const name = SIGNATURE_HEADER[objectFormat];
  const signature = values2.get(name);
  if (signature === void 0) {
    const reason = values2.size > 0 ? `the signature is in ${[...values2.keys()].join()}, not in ${name}` : "the commit is not signed";
    return { payload, signature, format: "none", reason };
  }
  const format = formatOf(signature);
  if (twice !== void 0) {
    const several = format === "cms" ? "malformed" : format;
    return { payload, signature: void 0, format: several, reason: `the header ${twice} occurs twice` };
  }
  return toSplit(payload, signature, format);
}
function splitTag(raw) {
  let at = raw.lastIndexOf("-----BEGIN ");
  while (at >= 0 && !((at === 0 || raw[at - 1] === LF) && armorAt(raw, at) !== void 0)) {
    at = at === 0 ? -1 : raw.lastIndexOf("-----BEGIN ", at - 1);
  }
  const headers = stripSignatureHeaders(at < 0 ? raw : raw.subarray(0, at));
  if (typeof headers === "string") return { ...NOTHING, payload: raw, reason: headers };
  const { payload, twice } = headers;
  if (at < 0) return { payload, signature: void 0, format: "none", reason: "the tag is not signed" };
  if (twice !== void 0) return { ...NOTHING, payload, reason: `the header ${twice} occurs twice` };
  const signature = raw.subarray(at);
  if (signature[signature.length - 1] !== LF) {
    return { ...NOTHING, payload, reason: "the signature does not end in a line feed" };
  }
  return toSplit(payload, signature, armorAt(raw, at) ?? "malformed");
}
function toSplit(payload, signature, format) {
  switch (format) {
    case "cms":
      return { payload, signature, format };
    case "pgp":
      return { payload, signature, format, reason: "the signature is made with OpenPGP" };
    case "ssh":
      return { payload, signature, format, reason: "the signature is made with SSH" };
    case "none":
    case "malformed":
      return { payload, signature, format, reason: "the signature begins with no known armor line" };
  }
}
function stripSignatureHeaders(raw) {
  const end = raw[0] === LF ? 0 : raw.indexOf("\n\n") + 1;
  if (end === 0) return "the header has no end";
  if (end > MAX_HEADER_BYTES) return "the header is larger than 2 MiB";
  const header = raw.subarray(0, end);
  const values2 = /* @__PURE__ */ new Map();
  const kept = [];
  let keptFrom = 0;
  let twice;
  for (let at = findSignatureHeader(header, 0); at >= 0; at = findSignatureHeader(header, keptFrom)) {
    const name = wordAt(header, at);
    if (header[at + name.length] !== SPACE || !SIGNATURE_HEADERS.includes(name)) {
      return "the object has an unknown header that begins with gpgsig";
    }
    if (at === 0) return "the signature stands before the first header";
    kept.push(raw.subarray(keptFrom, at));
    keptFrom = header.indexOf(LF, at) + 1;
    while (header[keptFrom] === SPACE) keptFrom = header.indexOf(LF, keptFrom) + 1;
    if (values2.has(name)) twice = name;
    else values2.set(name, unfold(header.subarray(at + name.length + 1, keptFrom)));
  }
  const payload = kept.length === 0 ? raw : Buffer.concat([...kept, raw.subarray(keptFrom)]);
  return { payload, values: values2, twice };
}
function findSignatureHeader(header, from) {
  if (from === 0 && header.toString("latin1", 0, 6) === "gpgsig") return 0;
  const before = header.indexOf("\ngpgsig", Math.max(from - 1, 0));
  return before < 0 ? -1 : before + 1;
}
function wordAt(bytes, start) {
  let end = start;
  while (bytes[end] !== SPACE && bytes[end] !== LF) end++;
  return bytes.toString("latin1", start, end);
}
function unfold(folded) {
  return Buffer.from(view(folded).toString("latin1").replaceAll("\n ", "\n"), "latin1");
}
function formatOf(signature) {
  const bytes = view(signature);
  for (let at = 0; at < bytes.length; ) {
    const format = armorAt(bytes, at);
    if (format !== void 0) return format === "cms" && at > 0 ? "malformed" : format;
    at = bytes.indexOf("\n-----BEGIN ", at) + 1 || bytes.length;
  }
  return "malformed";
}
function armorFormat(signature) {
  return armorAt(view(signature), 0) ?? "malformed";
}
function armorAt(bytes, at) {
  const line = bytes.toString("latin1", at, at + 32);
  return ARMOR_LINES.find(([begin]) => line.startsWith(begin))?.[1];
}
var ARMOR_LINES, SIGNATURE_HEADER, SIGNATURE_HEADERS, LF, SPACE, NOTHING;
var init_gitObject = __esm({
  "src/core/gitObject.ts"() {
    "use strict";
    init_bytes();
    init_limits();
    ARMOR_LINES = [
      ["-----BEGIN SIGNED MESSAGE-----", "cms"],
      ["-----BEGIN PGP SIGNATURE-----", "pgp"],
      ["-----BEGIN PGP MESSAGE-----", "pgp"],
      ["-----BEGIN SSH SIGNATURE-----", "ssh"]
    ];
    SIGNATURE_HEADER = { sha1: "gpgsig", sha256: "gpgsig-sha256" };
    SIGNATURE_HEADERS = Object.values(SIGNATURE_HEADER);
    LF = 10;
    SPACE = 32;
    NOTHING = { signature: void 0, format: "malformed" };
  }
});

// src/core/policy/issuers.ts
function toIssuer2(text4) {
  if (Object.hasOwn(ISSUER_ALIASES, text4)) return ISSUER_ALIASES[text4];
  return /^https?:\/\/[!-'*-~]+$/.test(text4) ? text4 : void 0;
}
var ISSUER_ALIASES;
var init_issuers = __esm({
  "src/core/policy/issuers.ts"() {
    "use strict";
    ISSUER_ALIASES = {
      github: "https://github.com/login/oauth",
      google: "https://accounts.google.com",
      microsoft: "https://login.microsoftonline.com",
      "github-actions": "https://token.actions.githubusercontent.com",
      gitlab: "https://gitlab.com"
    };
  }
});

// src/adapters/allow.ts
function parseAllow(values2) {
  const current = values2.slice(values2.lastIndexOf("") + 1);
  return current.length === 0 ? NO_POLICY : { kind: "allow", identities: current.map(parseAllowEntry) };
}
function parseAllowEntry(value) {
  const space = value.lastIndexOf(" ");
  const subject = value.slice(0, Math.max(space, 0));
  const issuer = value.slice(space + 1);
  if (subject === "" || issuer === "")
    throw bad(value, "it needs a subject and an issuer with a space between");
  return { subject: parseSubject(value, subject), issuer: parseIssuer(value, issuer) };
}
function parseSubject(value, subject) {
  const isName2 = !subject.includes("://") && !subject.includes("@");
  if (!isName2 && /\s/.test(subject)) throw bad(value, "no address or URI has white space");
  if (subject.includes("://")) return { type: "uri", value: subject };
  if (subject.includes("@")) return { type: "email", value: subject };
  if (subject.startsWith("!") && subject.length > 1) return { type: "username", value: subject.slice(1) };
  throw bad(value, "its subject is neither an e-mail address, nor a URI, nor a user name with a leading !");
}
function parseIssuer(value, issuer) {
  const alias = Object.hasOwn(ISSUER_ALIASES, issuer) ? ISSUER_ALIASES[issuer] : void 0;
  if (alias !== void 0) return alias;
  if (/^https?:\/\/./.test(issuer)) return issuer;
  throw bad(value, `its issuer is neither a URL nor one of ${Object.keys(ISSUER_ALIASES).join(", ")}`);
}
function bad(value, why) {
  return new SignetError(
    "config",
    `signet.allow holds ${JSON.stringify(value)}, but ${why}.`,
    'Write it as in: git config --add signet.allow "alice@example.com github"'
  );
}
var init_allow = __esm({
  "src/adapters/allow.ts"() {
    "use strict";
    init_issuers();
    init_policy();
    init_errors();
  }
});

// src/adapters/git/readConfig.ts
function readGitConfig(env) {
  const args = ["config", "-z", "--list", "--show-origin", "--show-scope"];
  const bounds = { maxBuffer: MAX_CONFIG_BYTES, timeout: TIMEOUT_MS2 };
  const { status, stdout, stderr, error } = callGit(args, env, bounds);
  if (status === 0 && error === void 0) return parseScopedConfig(stdout);
  throw new SignetError(
    "config",
    `git could not read its configuration: ${complaintOf(stderr)}.`,
    "Run git config --list to see what is wrong.",
    error
  );
}
function parseScopedConfig(output) {
  const fields = view(output).toString().split("\0");
  const git = /* @__PURE__ */ new Map();
  let local;
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [scope, origin, item] = fields.slice(at, at + 3);
    if (scope === "local") local ??= origin.slice("file:".length);
    addItem(git, item);
  }
  return { git, local };
}
function addItem(config, item) {
  const newline = item.indexOf("\n");
  const key = (newline < 0 ? item : item.slice(0, newline)).toLowerCase();
  if (!key.startsWith("signet.") && !key.startsWith("gitsign.")) return;
  const values2 = config.get(key) ?? [];
  values2.push(newline < 0 ? void 0 : item.slice(newline + 1));
  config.set(key, values2);
}
var MAX_CONFIG_BYTES, TIMEOUT_MS2;
var init_readConfig = __esm({
  "src/adapters/git/readConfig.ts"() {
    "use strict";
    init_bytes();
    init_errors();
    init_callGit();
    MAX_CONFIG_BYTES = 4 << 20;
    TIMEOUT_MS2 = 1e4;
  }
});

// src/adapters/settings.ts
function readSettings(env) {
  if (env["SIGNET_NO_GIT_CONFIG"] === "1") return { git: /* @__PURE__ */ new Map(), env };
  return { ...readGitConfig(env), env };
}
function readText({ key, env: name, standard }, { git, env, defaults }) {
  const fromEnv = env[name] ?? "";
  if (fromEnv !== "") return { value: fromEnv, source: "environment" };
  const fromGit = git.get(key.toLowerCase())?.at(-1) ?? "";
  if (fromGit !== "") return { value: fromGit, source: "git config" };
  const value = defaults?.get(key);
  return value === void 0 ? { value: standard, source: "default" } : { value, source: "mirror" };
}
function badSetting({ key }, value, what, hint) {
  return new SignetError("config", `The setting ${key} (${JSON.stringify(value)}) ${what}.`, hint);
}
var init_settings = __esm({
  "src/adapters/settings.ts"() {
    "use strict";
    init_errors();
    init_readConfig();
  }
});

// src/adapters/trust/choice.ts
function parseTrustChoice(settings) {
  const { git, env } = settings;
  const others = [];
  const add = (name, value = "") => {
    if (value !== "") others.push([name, value]);
  };
  for (const name of VARIABLES) add(name, env[name]);
  for (const key of KEYS) add(key, git.get(key)?.at(-1));
  return { file: parsePath(TRUSTED_ROOT, readText(TRUSTED_ROOT, settings).value), others };
}
function parsePath(setting, value) {
  if (value === "") return void 0;
  const home = value.startsWith("~/") ? process.getBuiltinModule("node:os").homedir() : "";
  const path = home === "" ? value : (0, import_node_path2.join)(home, value.slice(2));
  if ((0, import_node_path2.isAbsolute)(path)) return path;
  throw badSetting(setting, value, "is a relative path", "Give an absolute path, or one that starts with ~/");
}
var import_node_path2, TRUSTED_ROOT, VARIABLES, KEYS;
var init_choice = __esm({
  "src/adapters/trust/choice.ts"() {
    "use strict";
    import_node_path2 = require("node:path");
    init_settings();
    TRUSTED_ROOT = {
      key: "signet.trustedRoot",
      env: "SIGNET_TRUSTED_ROOT",
      standard: ""
    };
    VARIABLES = [
      "SIGNET_TRUST_MIRROR",
      "SIGNET_TIMESTAMP_CERT_CHAIN",
      "GITSIGN_TIMESTAMP_CERT_CHAIN",
      "SIGSTORE_TIMESTAMP_CERT_CHAIN",
      "GITSIGN_FULCIO_ROOT",
      "SIGSTORE_FULCIO_ROOT",
      "SIGSTORE_ROOT_FILE",
      "SIGSTORE_REKOR_PUBLIC_KEY",
      "SIGSTORE_CT_LOG_PUBLIC_KEY_FILE",
      "SIGSTORE_TSA_CERTIFICATE_FILE"
    ];
    KEYS = [
      "signet.trustmirror",
      "signet.timestampcertchain",
      "gitsign.fulcioroot",
      "gitsign.timestampcertchain"
    ];
  }
});

// src/adapters/config.ts
function readAllow({ git }) {
  return (git.get(CONFIG_SETTINGS.allow.key) ?? []).map((value) => value ?? "");
}
var CONFIG_SETTINGS;
var init_config = __esm({
  "src/adapters/config.ts"() {
    "use strict";
    init_allow();
    init_settings();
    init_choice();
    CONFIG_SETTINGS = {
      trustedRoot: TRUSTED_ROOT,
      allow: { key: "signet.allow", env: "", standard: "" },
      policyFile: { key: "signet.policy", env: "", standard: "" },
      requirePolicy: { key: "signet.requirePolicy", env: "", standard: "false" },
      untrustedAs: { key: "signet.untrustedAs", env: "", standard: "errsig" },
      smimeProgram: { key: "signet.smimeProgram", env: "", standard: "" }
    };
  }
});

// src/adapters/makeFolder.ts
function makeFolder(path, mode) {
  if ((0, import_node_fs5.existsSync)(path)) return;
  const parent = (0, import_node_path4.dirname)(path);
  if (parent !== path) makeFolder(parent, mode);
  try {
    (0, import_node_fs5.mkdirSync)(path, { mode });
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
}
var import_node_fs5, import_node_path4;
var init_makeFolder = __esm({
  "src/adapters/makeFolder.ts"() {
    "use strict";
    import_node_fs5 = require("node:fs");
    import_node_path4 = require("node:path");
  }
});

// src/adapters/keychain/privateFolder.ts
function isMine(stats) {
  return process.getuid === void 0 || stats.uid === process.getuid();
}
var init_privateFolder = __esm({
  "src/adapters/keychain/privateFolder.ts"() {
    "use strict";
    init_makeFolder();
  }
});

// src/core/policy/knownSigner.ts
function toPolicy(file) {
  return {
    kind: "file",
    decide: (sound, payload) => toDecision(rulingOn(toSignatureFacts(sound), payload, file))
  };
}
function toDecision({ reason }) {
  const { decision, text: text4 } = REASONS[reason];
  return decision === "allowed" ? { decision: "allowed" } : { decision: "denied", reason, text: text4 };
}
function rulingOn(facts, payload, policy, seen) {
  const signed = { facts };
  const standing = whoIs(facts, policy);
  if ("reason" in standing) return standing;
  const [first] = standing.known;
  const forge = standing.known.find((who) => who.forge);
  if (forge !== void 0 && seen === void 0) return { reason: "forge-unchecked", signer: forge.name };
  const ruling = byKind(signed, payload, policy, seen);
  return first === void 0 ? ruling : { signer: first.name, ...ruling };
}
function byKind(signed, payload, policy, seen = NOTHING_SEEN) {
  const kind = payload === void 0 ? "unknown" : payloadKind(payload);
  const committer = payload && committerAddress(payload);
  switch (kind) {
    case "tag": {
      const rules = rulesFor(policy, [`refs/tags/${payload === void 0 ? "" : tagNameIn(payload)}`]);
      return judgeTag({ signed, tagger: committer }, tagsSigned(rules), policy);
    }
    case "commit": {
      const deed = { ...NOTHING_KNOWN, ...seen, signed, committer };
      return anyOf(rulesForCommits(policy), (rules) => judgeCommit(deed, rules, policy));
    }
    case "push-certificate":
    case "unknown":
      return anyOf(rulesForCommits(policy), (rules) => judgePush(signed, rules, policy));
  }
}
function anyOf(places, judge3) {
  const rulings = places.map(judge3);
  return rulings.find(({ reason }) => REASONS[reason].decision === "allowed") ?? rulings[0] ?? { reason: "ref-denied" };
}
function rulesForCommits({ rules, default: other }) {
  const branches = rules.filter(({ refs, paths }) => paths.length === 0 && refs.some(isNotForTags));
  const places = branches.map((one) => ({ whole: [withMerged(one)], paths: [], default: other }));
  return other === "deny" ? places : [...places, { whole: [], paths: [], default: "signed" }];
}
function isNotForTags(pattern) {
  return !pattern.startsWith("refs/tags/");
}
function withMerged(rule2) {
  return rule2.merged === "*" ? rule2 : { ...rule2, signers: [...rule2.signers, ...rule2.merged] };
}
function tagsSigned(rules) {
  return {
    ...rules,
    default: rules.default === "open" ? "signed" : rules.default,
    whole: rules.whole.map((rule2) => ({ ...rule2, tags: "signed" }))
  };
}
function tagNameIn(payload) {
  const head = Buffer.from(payload.buffer, payload.byteOffset, Math.min(payload.length, 4096)).toString(
    "utf8"
  );
  return /^object [^\n]*\ntype [^\n]*\ntag ([^\n]*)\n/.exec(head)?.[1] ?? "";
}
var NOTHING_SEEN, NOTHING_KNOWN;
var init_knownSigner = __esm({
  "src/core/policy/knownSigner.ts"() {
    "use strict";
    init_gitObject();
    init_reasons();
    init_mayDo();
    init_refRules();
    init_signature();
    init_whoIs();
    NOTHING_SEEN = { oid: "", author: void 0, cleanMerge: false };
    NOTHING_KNOWN = { mainline: true, changedPaths: [], policyChange: "none" };
  }
});

// node_modules/toml-eslint-parser/lib/chunk-15K8U1wQ.mjs
var init_chunk_15K8U1wQ = __esm({
  "node_modules/toml-eslint-parser/lib/chunk-15K8U1wQ.mjs"() {
  }
});

// node_modules/eslint-visitor-keys/lib/visitor-keys.js
var KEYS2, NODE_TYPES, visitor_keys_default;
var init_visitor_keys = __esm({
  "node_modules/eslint-visitor-keys/lib/visitor-keys.js"() {
    KEYS2 = {
      ArrayExpression: ["elements"],
      ArrayPattern: ["elements"],
      ArrowFunctionExpression: ["params", "body"],
      AssignmentExpression: ["left", "right"],
      AssignmentPattern: ["left", "right"],
      AwaitExpression: ["argument"],
      BinaryExpression: ["left", "right"],
      BlockStatement: ["body"],
      BreakStatement: ["label"],
      CallExpression: ["callee", "arguments"],
      CatchClause: ["param", "body"],
      ChainExpression: ["expression"],
      ClassBody: ["body"],
      ClassDeclaration: ["id", "superClass", "body"],
      ClassExpression: ["id", "superClass", "body"],
      ConditionalExpression: ["test", "consequent", "alternate"],
      ContinueStatement: ["label"],
      DebuggerStatement: [],
      DoWhileStatement: ["body", "test"],
      EmptyStatement: [],
      ExperimentalRestProperty: ["argument"],
      ExperimentalSpreadProperty: ["argument"],
      ExportAllDeclaration: ["exported", "source", "attributes"],
      ExportDefaultDeclaration: ["declaration"],
      ExportNamedDeclaration: [
        "declaration",
        "specifiers",
        "source",
        "attributes"
      ],
      ExportSpecifier: ["local", "exported"],
      ExpressionStatement: ["expression"],
      ForInStatement: ["left", "right", "body"],
      ForOfStatement: ["left", "right", "body"],
      ForStatement: ["init", "test", "update", "body"],
      FunctionDeclaration: ["id", "params", "body"],
      FunctionExpression: ["id", "params", "body"],
      Identifier: [],
      IfStatement: ["test", "consequent", "alternate"],
      ImportAttribute: ["key", "value"],
      ImportDeclaration: ["specifiers", "source", "attributes"],
      ImportDefaultSpecifier: ["local"],
      ImportExpression: ["source", "options"],
      ImportNamespaceSpecifier: ["local"],
      ImportSpecifier: ["imported", "local"],
      JSXAttribute: ["name", "value"],
      JSXClosingElement: ["name"],
      JSXClosingFragment: [],
      JSXElement: ["openingElement", "children", "closingElement"],
      JSXEmptyExpression: [],
      JSXExpressionContainer: ["expression"],
      JSXFragment: ["openingFragment", "children", "closingFragment"],
      JSXIdentifier: [],
      JSXMemberExpression: ["object", "property"],
      JSXNamespacedName: ["namespace", "name"],
      JSXOpeningElement: ["name", "attributes"],
      JSXOpeningFragment: [],
      JSXSpreadAttribute: ["argument"],
      JSXSpreadChild: ["expression"],
      JSXText: [],
      LabeledStatement: ["label", "body"],
      Literal: [],
      LogicalExpression: ["left", "right"],
      MemberExpression: ["object", "property"],
      MetaProperty: ["meta", "property"],
      MethodDefinition: ["key", "value"],
      NewExpression: ["callee", "arguments"],
      ObjectExpression: ["properties"],
      ObjectPattern: ["properties"],
      PrivateIdentifier: [],
      Program: ["body"],
      Property: ["key", "value"],
      PropertyDefinition: ["key", "value"],
      RestElement: ["argument"],
      ReturnStatement: ["argument"],
      SequenceExpression: ["expressions"],
      SpreadElement: ["argument"],
      StaticBlock: ["body"],
      Super: [],
      SwitchCase: ["test", "consequent"],
      SwitchStatement: ["discriminant", "cases"],
      TaggedTemplateExpression: ["tag", "quasi"],
      TemplateElement: [],
      TemplateLiteral: ["quasis", "expressions"],
      ThisExpression: [],
      ThrowStatement: ["argument"],
      TryStatement: ["block", "handler", "finalizer"],
      UnaryExpression: ["argument"],
      UpdateExpression: ["argument"],
      VariableDeclaration: ["declarations"],
      VariableDeclarator: ["id", "init"],
      WhileStatement: ["test", "body"],
      WithStatement: ["object", "body"],
      YieldExpression: ["argument"]
    };
    NODE_TYPES = Object.keys(KEYS2);
    for (const type of NODE_TYPES) {
      Object.freeze(KEYS2[type]);
    }
    Object.freeze(KEYS2);
    visitor_keys_default = KEYS2;
  }
});

// node_modules/eslint-visitor-keys/lib/index.js
function unionWith(additionalKeys) {
  const retv = (
    /** @type {{ [type: string]: ReadonlyArray<string> }} */
    Object.assign({}, visitor_keys_default)
  );
  for (const type of Object.keys(additionalKeys)) {
    if (Object.hasOwn(retv, type)) {
      const keys = new Set(additionalKeys[type]);
      for (const key of retv[type]) {
        keys.add(key);
      }
      retv[type] = Object.freeze(Array.from(keys));
    } else {
      retv[type] = Object.freeze(Array.from(additionalKeys[type]));
    }
  }
  return Object.freeze(retv);
}
var init_lib = __esm({
  "node_modules/eslint-visitor-keys/lib/index.js"() {
    init_visitor_keys();
  }
});

// node_modules/toml-eslint-parser/lib/index.mjs
function last2(arr) {
  return arr[arr.length - 1] ?? null;
}
function toKeyName(node) {
  return node.type === "TOMLBare" ? node.name : node.value;
}
function getTOMLVer(v) {
  return v && SUPPORTED_TOML_VERSIONS[v] || DEFAULT_TOML_VERSION;
}
function getMessage(code, data) {
  if (data) return MESSAGES[code].replace(/\{\{(.*?)\}\}/gu, (_, name$2) => {
    if (name$2 in data) return data[name$2];
    return `{{${name$2}}}`;
  });
  return MESSAGES[code];
}
function isControl(cp) {
  return cp >= CodePoint.NULL && cp <= CodePoint.US;
}
function isWhitespace(cp) {
  return cp === CodePoint.TABULATION || cp === CodePoint.SPACE;
}
function isEOL(cp) {
  return cp === CodePoint.LINE_FEED || cp === CodePoint.CARRIAGE_RETURN;
}
function isUpperLetter(cp) {
  return cp >= CodePoint.LATIN_CAPITAL_A && cp <= CodePoint.LATIN_CAPITAL_Z;
}
function isLowerLetter(cp) {
  return cp >= CodePoint.LATIN_SMALL_A && cp <= CodePoint.LATIN_SMALL_Z;
}
function isLetter(cp) {
  return isLowerLetter(cp) || isUpperLetter(cp);
}
function isDigit(cp) {
  return cp >= CodePoint.DIGIT_0 && cp <= CodePoint.DIGIT_9;
}
function isHexDig(cp) {
  return isDigit(cp) || cp >= CodePoint.LATIN_SMALL_A && cp <= CodePoint.LATIN_SMALL_F || cp >= CodePoint.LATIN_CAPITAL_A && cp <= CodePoint.LATIN_CAPITAL_F;
}
function isOctalDig(cp) {
  return cp >= CodePoint.DIGIT_0 && cp <= CodePoint.DIGIT_7;
}
function isUnicodeScalarValue(cp) {
  return cp >= 0 && cp <= 55295 || cp >= 57344 && cp <= 1114111;
}
function sortedLastIndex(array, value) {
  let low = 0;
  let high = array.length;
  while (low < high) {
    const mid = low + high >>> 1;
    const val = array[mid];
    if (val === value) return mid + 1;
    if (val < value) low = mid + 1;
    else high = mid;
  }
  return low;
}
function isUnquotedKeyChar(cp, tomlVersion) {
  if (isLetter(cp) || isDigit(cp) || cp === CodePoint.UNDERSCORE || cp === CodePoint.DASH) return true;
  if (tomlVersion.lt(1, 1)) return false;
  return false;
}
function isControlOtherThanTab(cp) {
  return isControl(cp) && cp !== CodePoint.TABULATION || cp === CodePoint.DELETE;
}
function isNonEOL(cp) {
  return cp === CodePoint.TABULATION || CodePoint.SPACE <= cp && cp <= CodePoint.TILDE || isNonAscii(cp);
}
function isNonAscii(cp) {
  return CodePoint.PAD <= cp && cp <= CodePoint.CP_D7FF || CodePoint.CP_E000 <= cp && cp <= CodePoint.CP_10FFFF;
}
function isValidDate(y, m, d) {
  if (y >= 0 && m <= 12 && m >= 1 && d >= 1) return d <= (m === 2 ? y & 3 || !(y % 25) && y & 15 ? 28 : 29 : 30 + (m + (m >> 3) & 1));
  return false;
}
function isValidTime(h, m, s) {
  if (h >= 24 || h < 0 || m > 59 || m < 0 || s > 60 || s < 0) return false;
  return true;
}
function getDateFromDateTimeData(data, timeZone) {
  const year = padStart(data.year, 4);
  const month = data.month ? padStart(data.month, 2) : "01";
  const day = data.day ? padStart(data.day, 2) : "01";
  const hour = padStart(data.hour, 2);
  const minute = padStart(data.minute, 2);
  const second = padStart(data.second, 2);
  const textDate = `${year}-${month}-${day}`;
  const frac = data.frac ? `.${data.frac}` : "";
  const dateValue = /* @__PURE__ */ new Date(`${textDate}T${hour}:${minute}:${second}${frac}${timeZone}`);
  if (!isNaN(dateValue.getTime()) || data.second !== 60) return dateValue;
  return /* @__PURE__ */ new Date(`${textDate}T${hour}:${minute}:59${frac}${timeZone}`);
}
function padStart(num, maxLength) {
  return String(num).padStart(maxLength, "0");
}
function verifyDuplicateKeysForKeyValue(ctx, defineKeys, node) {
  let keys = defineKeys;
  const lastKey = last2(node.key.keys);
  for (const keyNode of node.key.keys) {
    const key = toKeyName(keyNode);
    let defineKey = keys.get(key);
    if (defineKey) {
      if (defineKey.value === VALUE_KIND_VALUE) ctx.reportParseError("dupe-keys", getAfterNode(keyNode, defineKey.node));
      else if (lastKey === keyNode) ctx.reportParseError("dupe-keys", getAfterNode(keyNode, defineKey.node));
      else if (defineKey.table) ctx.reportParseError("dupe-keys", getAfterNode(keyNode, defineKey.node));
      defineKey.value = VALUE_KIND_INTERMEDIATE;
    } else {
      if (lastKey === keyNode) defineKey = {
        value: VALUE_KIND_VALUE,
        node: keyNode,
        keys: /* @__PURE__ */ new Map()
      };
      else defineKey = {
        value: VALUE_KIND_INTERMEDIATE,
        node: keyNode,
        keys: /* @__PURE__ */ new Map()
      };
      keys.set(key, defineKey);
    }
    keys = defineKey.keys;
  }
  if (node.value.type === "TOMLInlineTable") verifyDuplicateKeysForInlineTable(ctx, keys, node.value);
  else if (node.value.type === "TOMLArray") verifyDuplicateKeysForArray(ctx, keys, node.value);
}
function verifyDuplicateKeysForInlineTable(ctx, defineKeys, node) {
  for (const body of node.body) verifyDuplicateKeysForKeyValue(ctx, defineKeys, body);
}
function verifyDuplicateKeysForArray(ctx, defineKeys, node) {
  const keys = defineKeys;
  for (let index = 0; index < node.elements.length; index++) {
    const element = node.elements[index];
    let defineKey = keys.get(index);
    if (defineKey) ctx.reportParseError("dupe-keys", getAfterNode(element, defineKey.node));
    else {
      defineKey = {
        value: VALUE_KIND_VALUE,
        node: element,
        keys: /* @__PURE__ */ new Map()
      };
      defineKeys.set(index, defineKey);
      if (element.type === "TOMLInlineTable") verifyDuplicateKeysForInlineTable(ctx, defineKey.keys, element);
      else if (element.type === "TOMLArray") verifyDuplicateKeysForArray(ctx, defineKey.keys, element);
    }
  }
}
function getAfterNode(a, b) {
  return a.range[0] <= b.range[0] ? b : a;
}
function isDot(token) {
  return isPunctuator(token) && token.value === ".";
}
function isEq(token) {
  return isPunctuator(token) && token.value === "=";
}
function isLeftBracket(token) {
  return isPunctuator(token) && token.value === "[";
}
function isRightBracket(token) {
  return isPunctuator(token) && token.value === "]";
}
function isLeftBrace(token) {
  return isPunctuator(token) && token.value === "{";
}
function isRightBrace(token) {
  return isPunctuator(token) && token.value === "}";
}
function isComma(token) {
  return isPunctuator(token) && token.value === ",";
}
function isPunctuator(token) {
  return Boolean(token && token.type === "Punctuator");
}
function isBare(token) {
  return token.type === "Bare";
}
function isString(token) {
  return token.type === "BasicString" || token.type === "LiteralString";
}
function isMultiLineString(token) {
  return token.type === "MultiLineBasicString" || token.type === "MultiLineLiteralString";
}
function isNumber(token) {
  return token.type === "Integer" || token.type === "Float";
}
function isBoolean(token) {
  return token.type === "Boolean";
}
function isDateTime(token) {
  return token.type === "OffsetDateTime" || token.type === "LocalDateTime" || token.type === "LocalDate" || token.type === "LocalTime";
}
function applyEndLoc(node, child) {
  if (child) {
    node.range[1] = child.range[1];
    node.loc.end = clonePos(child.loc.end);
  }
}
function cloneRange(range) {
  return [range[0], range[1]];
}
function cloneLoc(loc) {
  return {
    start: clonePos(loc.start),
    end: clonePos(loc.end)
  };
}
function clonePos(pos) {
  return {
    line: pos.line,
    column: pos.column
  };
}
function parseForESLint(code, options) {
  return {
    ast: new TOMLParser(code, options).parse(),
    visitorKeys: KEYS3,
    services: { isTOML: true }
  };
}
function generateConvertTOMLValue(convertValue) {
  function resolveValue(node, baseTable) {
    return resolver[node.type](node, baseTable);
  }
  const resolver = {
    Program(node, baseTable = {}) {
      return resolveValue(node.body[0], baseTable);
    },
    TOMLTopLevelTable(node, baseTable = {}) {
      for (const body of node.body) resolveValue(body, baseTable);
      return baseTable;
    },
    TOMLKeyValue(node, baseTable = {}) {
      const value = resolveValue(node.value);
      set(baseTable, resolveValue(node.key), value);
      return baseTable;
    },
    TOMLTable(node, baseTable = {}) {
      const table = getTable(baseTable, resolveValue(node.key), node.kind === "array");
      for (const body of node.body) resolveValue(body, table);
      return baseTable;
    },
    TOMLArray(node) {
      return node.elements.map((e) => resolveValue(e));
    },
    TOMLInlineTable(node) {
      const table = {};
      for (const body of node.body) resolveValue(body, table);
      return table;
    },
    TOMLKey(node) {
      return node.keys.map((key) => resolveValue(key));
    },
    TOMLBare(node) {
      return node.name;
    },
    TOMLQuoted(node) {
      return node.value;
    },
    TOMLValue(node) {
      return convertValue(node);
    }
  };
  return (node) => resolveValue(node);
}
function getTable(baseTable, keys, array) {
  let target = baseTable;
  for (let index = 0; index < keys.length - 1; index++) {
    const key = keys[index];
    target = getNextTargetFromKey(target, key);
  }
  const lastKey = last2(keys);
  const lastTarget = target[lastKey];
  if (lastTarget == null) {
    const tableValue$1 = {};
    target[lastKey] = array ? [tableValue$1] : tableValue$1;
    return tableValue$1;
  }
  if (isValue(lastTarget)) {
    const tableValue$1 = {};
    target[lastKey] = array ? [tableValue$1] : tableValue$1;
    return tableValue$1;
  }
  if (!array) {
    if (Array.isArray(lastTarget)) {
      const tableValue$1 = {};
      target[lastKey] = tableValue$1;
      return tableValue$1;
    }
    return lastTarget;
  }
  if (Array.isArray(lastTarget)) {
    const tableValue$1 = {};
    lastTarget.push(tableValue$1);
    return tableValue$1;
  }
  const tableValue = {};
  target[lastKey] = [tableValue];
  return tableValue;
  function getNextTargetFromKey(currTarget, key) {
    const nextTarget = currTarget[key];
    if (nextTarget == null) {
      const val = {};
      currTarget[key] = val;
      return val;
    }
    if (isValue(nextTarget)) {
      const val = {};
      currTarget[key] = val;
      return val;
    }
    let resultTarget = nextTarget;
    while (Array.isArray(resultTarget)) {
      const lastIndex = resultTarget.length - 1;
      const nextElement = resultTarget[lastIndex];
      if (isValue(nextElement)) {
        const val = {};
        resultTarget[lastIndex] = val;
        return val;
      }
      resultTarget = nextElement;
    }
    return resultTarget;
  }
}
function set(baseTable, keys, value) {
  let target = baseTable;
  for (let index = 0; index < keys.length - 1; index++) {
    const key = keys[index];
    const nextTarget = target[key];
    if (nextTarget == null) {
      const val = {};
      target[key] = val;
      target = val;
    } else if (isValue(nextTarget) || Array.isArray(nextTarget)) {
      const val = {};
      target[key] = val;
      target = val;
    } else target = nextTarget;
  }
  target[last2(keys)] = value;
}
function isValue(value) {
  return typeof value !== "object" || value instanceof Date;
}
function parseTOML(code, options) {
  return parseForESLint(code, options).ast;
}
var TOMLVerImpl, TOML_VERSION_1_0, TOML_VERSION_1_1, DEFAULT_TOML_VERSION, SUPPORTED_TOML_VERSIONS, MESSAGES, ParseError, CodePoint, Locations, CodePointIterator, HAS_BIGINT, RADIX_PREFIXES, ESCAPES_1_0, ESCAPES_LATEST, Tokenizer, VALUE_KIND_VALUE, VALUE_KIND_INTERMEDIATE, KeysResolver, Context, STATE_FOR_ERROR, STRING_VALUE_STYLE_MAP, STRING_KEY_STYLE_MAP, DATETIME_VALUE_KIND_MAP, TOMLParser, tomlKeys, KEYS3, getStaticTOMLValue;
var init_lib2 = __esm({
  "node_modules/toml-eslint-parser/lib/index.mjs"() {
    init_chunk_15K8U1wQ();
    init_lib();
    TOMLVerImpl = class {
      constructor(major, minor) {
        this.major = major;
        this.minor = minor;
      }
      lt(major, minor) {
        return this.major < major || this.major === major && this.minor < minor;
      }
      gte(major, minor) {
        return this.major > major || this.major === major && this.minor >= minor;
      }
    };
    TOML_VERSION_1_0 = new TOMLVerImpl(1, 0);
    TOML_VERSION_1_1 = new TOMLVerImpl(1, 1);
    DEFAULT_TOML_VERSION = TOML_VERSION_1_1;
    SUPPORTED_TOML_VERSIONS = {
      "1.0": TOML_VERSION_1_0,
      "1.0.0": TOML_VERSION_1_0,
      "1.1": TOML_VERSION_1_1,
      "1.1.0": TOML_VERSION_1_1,
      latest: TOML_VERSION_1_1,
      next: TOML_VERSION_1_1
    };
    MESSAGES = {
      "unterminated-string": "Unterminated string constant",
      "unterminated-table-key": "Unterminated table-key",
      "unterminated-array": "Unterminated array",
      "unterminated-inline-table": "Unterminated inline table",
      "missing-key": "Empty bare keys are not allowed",
      "missing-newline": "Must be a newline",
      "missing-equals-sign": "Expected equal (=) token",
      "missing-value": "Unspecified values are invalid",
      "missing-comma": "Expected comma (,) token",
      "dupe-keys": "Defining a key multiple times is invalid",
      "unexpected-char": "Unexpected character",
      "unexpected-token": "Unexpected token",
      "invalid-control-character": "Control characters (codes < 0x1f and 0x7f) are not allowed",
      "invalid-comment-character": "Invalid code point {{cp}} within comments",
      "invalid-key-value-newline": "The key, equals sign, and value must be on the same line",
      "invalid-inline-table-newline": "No newlines are allowed between the curly braces unless they are valid within a value",
      "invalid-underscore": "Underscores are allowed between digits",
      "invalid-space": "Unexpected spaces",
      "invalid-three-quotes": "Three or more quotes are not permitted",
      "invalid-date": "Unexpected invalid date",
      "invalid-time": "Unexpected invalid time",
      "invalid-leading-zero": "Leading zeros are not allowed",
      "invalid-trailing-comma-in-inline-table": "Trailing comma is not permitted in an inline table",
      "invalid-char-in-escape-sequence": "Invalid character in escape sequence",
      "invalid-consecutive-dots-in-key": "Consecutive dots are not permitted in keys",
      "invalid-code-point": "Invalid code point {{cp}}",
      "invalid-trailing-dot-in-key": "Keys cannot end with a dot",
      "invalid-leading-dot-in-key": "Keys cannot start with a dot"
    };
    ParseError = class extends SyntaxError {
      /**
      * Initialize this ParseError instance.
      *
      */
      constructor(code, offset, line, column, data) {
        super(getMessage(code, data));
        this.index = offset;
        this.lineNumber = line;
        this.column = column;
      }
    };
    CodePoint = {
      EOF: -1,
      NULL: 0,
      SOH: 1,
      BACKSPACE: 8,
      TABULATION: 9,
      LINE_FEED: 10,
      FORM_FEED: 12,
      CARRIAGE_RETURN: 13,
      ESCAPE: 27,
      SO: 14,
      US: 31,
      SPACE: 32,
      QUOTATION_MARK: 34,
      HASH: 35,
      SINGLE_QUOTE: 39,
      PLUS_SIGN: 43,
      COMMA: 44,
      DASH: 45,
      DOT: 46,
      DIGIT_0: 48,
      DIGIT_1: 49,
      DIGIT_2: 50,
      DIGIT_3: 51,
      DIGIT_7: 55,
      DIGIT_9: 57,
      COLON: 58,
      EQUALS_SIGN: 61,
      LATIN_CAPITAL_A: 65,
      LATIN_CAPITAL_E: 69,
      LATIN_CAPITAL_F: 70,
      LATIN_CAPITAL_T: 84,
      LATIN_CAPITAL_U: 85,
      LATIN_CAPITAL_Z: 90,
      LEFT_BRACKET: 91,
      BACKSLASH: 92,
      RIGHT_BRACKET: 93,
      UNDERSCORE: 95,
      LATIN_SMALL_A: 97,
      LATIN_SMALL_B: 98,
      LATIN_SMALL_E: 101,
      LATIN_SMALL_F: 102,
      LATIN_SMALL_I: 105,
      LATIN_SMALL_L: 108,
      LATIN_SMALL_N: 110,
      LATIN_SMALL_O: 111,
      LATIN_SMALL_R: 114,
      LATIN_SMALL_S: 115,
      LATIN_SMALL_T: 116,
      LATIN_SMALL_U: 117,
      LATIN_SMALL_X: 120,
      LATIN_SMALL_Z: 122,
      LEFT_BRACE: 123,
      RIGHT_BRACE: 125,
      TILDE: 126,
      DELETE: 127,
      PAD: 128,
      SUPERSCRIPT_TWO: 178,
      SUPERSCRIPT_THREE: 179,
      SUPERSCRIPT_ONE: 185,
      VULGAR_FRACTION_ONE_QUARTER: 188,
      VULGAR_FRACTION_THREE_QUARTERS: 190,
      LATIN_CAPITAL_LETTER_A_WITH_GRAVE: 192,
      LATIN_CAPITAL_LETTER_O_WITH_DIAERESIS: 214,
      LATIN_CAPITAL_LETTER_O_WITH_STROKE: 216,
      LATIN_SMALL_LETTER_O_WITH_DIAERESIS: 246,
      LATIN_SMALL_LETTER_O_WITH_STROKE: 248,
      GREEK_SMALL_REVERSED_DOTTED_LUNATE_SIGMA_SYMBOL: 891,
      GREEK_CAPITAL_LETTER_YOT: 895,
      CP_1FFF: 8191,
      ZERO_WIDTH_NON_JOINER: 8204,
      ZERO_WIDTH_JOINER: 8205,
      UNDERTIE: 8255,
      CHARACTER_TIE: 8256,
      SUPERSCRIPT_ZERO: 8304,
      CP_218F: 8591,
      CIRCLED_DIGIT_ONE: 9312,
      NEGATIVE_CIRCLED_DIGIT_ZERO: 9471,
      GLAGOLITIC_CAPITAL_LETTER_AZU: 11264,
      CP_2FEF: 12271,
      IDEOGRAPHIC_COMMA: 12289,
      CP_D7FF: 55295,
      CP_E000: 57344,
      CJK_COMPATIBILITY_IDEOGRAPH_F900: 63744,
      ARABIC_LIGATURE_SALAAMUHU_ALAYNAA: 64975,
      ARABIC_LIGATURE_SALLA_USED_AS_KORANIC_STOP_SIGN_ISOLATED_FORM: 65008,
      REPLACEMENT_CHARACTER: 65533,
      LINEAR_B_SYLLABLE_B008_A: 65536,
      CP_EFFFF: 983039,
      CP_10FFFF: 1114111
    };
    Locations = class {
      constructor() {
        this.offsets = [];
      }
      addOffset(offset) {
        for (let i = this.offsets.length - 1; i >= 0; i--) {
          const element = this.offsets[i];
          if (element === offset) return;
          if (element < offset) break;
        }
        this.offsets.push(offset);
      }
      /**
      * Calculate the location of the given index.
      * @param index The index to calculate their location.
      * @returns The location of the index.
      */
      getLocFromIndex(offset) {
        const line = sortedLastIndex(this.offsets, offset) + 1;
        return {
          line,
          column: offset - (line === 1 ? 0 : this.offsets[line - 2])
        };
      }
    };
    CodePointIterator = class {
      /**
      * Initialize this char iterator.
      */
      constructor(text4) {
        this.locs = new Locations();
        this.lastCodePoint = CodePoint.NULL;
        this.start = -1;
        this.end = 0;
        this.text = text4;
      }
      next() {
        if (this.lastCodePoint === CodePoint.EOF) return CodePoint.EOF;
        return this.lastCodePoint = this.moveAt(this.end);
      }
      getLocFromIndex(index) {
        return this.locs.getLocFromIndex(index);
      }
      eat(cp) {
        if (this.text.codePointAt(this.end) === cp) {
          this.next();
          return true;
        }
        return false;
      }
      moveAt(offset) {
        this.start = this.end = offset;
        const cp = this.text.codePointAt(this.start) ?? CodePoint.EOF;
        if (cp === CodePoint.EOF) {
          this.end = this.start;
          return cp;
        }
        this.end += cp >= 65536 ? 2 : 1;
        if (cp === CodePoint.LINE_FEED) this.locs.addOffset(this.end);
        else if (cp === CodePoint.CARRIAGE_RETURN) {
          if (this.text.codePointAt(this.end) === CodePoint.LINE_FEED) {
            this.end++;
            this.locs.addOffset(this.end);
          }
          return CodePoint.LINE_FEED;
        }
        return cp;
      }
    };
    HAS_BIGINT = typeof BigInt !== "undefined";
    RADIX_PREFIXES = {
      16: "0x",
      10: "",
      8: "0o",
      2: "0b"
    };
    ESCAPES_1_0 = {
      [CodePoint.QUOTATION_MARK]: CodePoint.QUOTATION_MARK,
      [CodePoint.BACKSLASH]: CodePoint.BACKSLASH,
      [CodePoint.LATIN_SMALL_B]: CodePoint.BACKSPACE,
      [CodePoint.LATIN_SMALL_F]: CodePoint.FORM_FEED,
      [CodePoint.LATIN_SMALL_N]: CodePoint.LINE_FEED,
      [CodePoint.LATIN_SMALL_R]: CodePoint.CARRIAGE_RETURN,
      [CodePoint.LATIN_SMALL_T]: CodePoint.TABULATION
    };
    ESCAPES_LATEST = {
      ...ESCAPES_1_0,
      [CodePoint.LATIN_SMALL_E]: CodePoint.ESCAPE
    };
    Tokenizer = class {
      /**
      * Initialize this tokenizer.
      */
      constructor(text4, parserOptions) {
        this.backCode = false;
        this.lastCodePoint = CodePoint.NULL;
        this.state = "DATA";
        this.token = null;
        this.tokenStart = -1;
        this.valuesEnabled = false;
        this.text = text4;
        this.parserOptions = parserOptions || {};
        this.codePointIterator = new CodePointIterator(text4);
        this.tomlVersion = getTOMLVer(this.parserOptions.tomlVersion);
        this.ESCAPES = this.tomlVersion.gte(1, 1) ? ESCAPES_LATEST : ESCAPES_1_0;
      }
      get start() {
        return this.codePointIterator.start;
      }
      get end() {
        return this.codePointIterator.end;
      }
      getLocFromIndex(index) {
        return this.codePointIterator.getLocFromIndex(index);
      }
      /**
      * Report an invalid character error.
      */
      reportParseError(code, data) {
        const offset = this.codePointIterator.start;
        const loc = this.codePointIterator.getLocFromIndex(offset);
        throw new ParseError(code, offset, loc.line, loc.column, data);
      }
      /**
      * Get the next token.
      */
      nextToken() {
        let token = this.token;
        if (token != null) {
          this.token = null;
          return token;
        }
        let cp = this.lastCodePoint;
        while (cp !== CodePoint.EOF && !this.token) {
          cp = this.nextCode();
          const nextState = this[this.state](cp);
          if (!nextState) throw new Error(`Unknown error: pre state=${this.state}`);
          this.state = nextState;
        }
        token = this.token;
        this.token = null;
        return token;
      }
      /**
      * Get the next code point.
      */
      nextCode() {
        if (this.lastCodePoint === CodePoint.EOF) return CodePoint.EOF;
        if (this.backCode) {
          this.backCode = false;
          return this.lastCodePoint;
        }
        return this.lastCodePoint = this.codePointIterator.next();
      }
      /**
      * Eat the next code point.
      */
      eatCode(cp) {
        if (this.lastCodePoint === CodePoint.EOF) return false;
        if (this.backCode) {
          if (this.lastCodePoint === cp) {
            this.backCode = false;
            return true;
          }
          return false;
        }
        return this.codePointIterator.eat(cp);
      }
      /**
      * Moves the character position to the given position.
      */
      moveAt(loc) {
        if (this.backCode) this.backCode = false;
        this.lastCodePoint = this.codePointIterator.moveAt(loc);
      }
      /**
      * Back the current code point as the given state.
      */
      back(state) {
        this.backCode = true;
        return state;
      }
      punctuatorToken() {
        this.startToken();
        this.endToken("Punctuator", "end");
      }
      startToken() {
        this.tokenStart = this.codePointIterator.start;
      }
      /**
      * Commit the current token.
      */
      endToken(type, pos, option1, option2) {
        const { tokenStart } = this;
        const end = this.codePointIterator[pos];
        const range = [tokenStart, end];
        const loc = {
          start: this.codePointIterator.getLocFromIndex(tokenStart),
          end: this.codePointIterator.getLocFromIndex(end)
        };
        if (type === "Block") this.token = {
          type,
          value: this.text.slice(tokenStart + 1, end),
          range,
          loc
        };
        else {
          let token;
          const value = this.text.slice(tokenStart, end);
          if (type === "BasicString" || type === "LiteralString" || type === "MultiLineBasicString" || type === "MultiLineLiteralString") token = {
            type,
            value,
            string: option1,
            range,
            loc
          };
          else if (type === "Integer") {
            const text4 = option1;
            token = {
              type,
              value,
              number: parseInt(text4, option2),
              bigint: HAS_BIGINT ? BigInt(RADIX_PREFIXES[option2] + text4) : null,
              range,
              loc
            };
          } else if (type === "Float") token = {
            type,
            value,
            number: option1,
            range,
            loc
          };
          else if (type === "Boolean") token = {
            type,
            value,
            boolean: option1,
            range,
            loc
          };
          else if (type === "LocalDate" || type === "LocalTime" || type === "LocalDateTime" || type === "OffsetDateTime") token = {
            type,
            value,
            date: option1,
            range,
            loc
          };
          else token = {
            type,
            value,
            range,
            loc
          };
          this.token = token;
        }
      }
      DATA(cp) {
        while (isWhitespace(cp) || isEOL(cp)) cp = this.nextCode();
        if (cp === CodePoint.HASH) {
          this.startToken();
          return "COMMENT";
        }
        if (cp === CodePoint.QUOTATION_MARK) {
          this.startToken();
          return "BASIC_STRING";
        }
        if (cp === CodePoint.SINGLE_QUOTE) {
          this.startToken();
          return "LITERAL_STRING";
        }
        if (cp === CodePoint.DOT || cp === CodePoint.EQUALS_SIGN || cp === CodePoint.LEFT_BRACKET || cp === CodePoint.RIGHT_BRACKET || cp === CodePoint.LEFT_BRACE || cp === CodePoint.RIGHT_BRACE || cp === CodePoint.COMMA) {
          this.punctuatorToken();
          return "DATA";
        }
        if (this.valuesEnabled) {
          if (cp === CodePoint.DASH || cp === CodePoint.PLUS_SIGN) {
            this.startToken();
            return "SIGN";
          }
          if (cp === CodePoint.LATIN_SMALL_N || cp === CodePoint.LATIN_SMALL_I) {
            this.startToken();
            return this.back("NAN_OR_INF");
          }
          if (isDigit(cp)) {
            this.startToken();
            return this.back("NUMBER");
          }
          if (cp === CodePoint.LATIN_SMALL_T || cp === CodePoint.LATIN_SMALL_F) {
            this.startToken();
            return this.back("BOOLEAN");
          }
        } else if (isUnquotedKeyChar(cp, this.tomlVersion)) {
          this.startToken();
          return "BARE";
        }
        if (cp === CodePoint.EOF) return "DATA";
        return this.reportParseError("unexpected-char");
      }
      COMMENT(cp) {
        const processCommentChar = this.tomlVersion.gte(1, 1) ? (c) => {
          if (!isNonEOL(c)) this.reportParseError("invalid-comment-character", { cp: JSON.stringify(String.fromCodePoint(c)).slice(1, -1) });
        } : (c) => {
          if (isControlOtherThanTab(c)) this.reportParseErrorControlChar();
        };
        while (!isEOL(cp) && cp !== CodePoint.EOF) {
          processCommentChar(cp);
          cp = this.nextCode();
        }
        this.endToken("Block", "start");
        return "DATA";
      }
      BARE(cp) {
        while (isUnquotedKeyChar(cp, this.tomlVersion)) cp = this.nextCode();
        this.endToken("Bare", "start");
        return this.back("DATA");
      }
      BASIC_STRING(cp) {
        if (cp === CodePoint.QUOTATION_MARK) {
          cp = this.nextCode();
          if (cp === CodePoint.QUOTATION_MARK) return "MULTI_LINE_BASIC_STRING";
          this.endToken("BasicString", "start", "");
          return this.back("DATA");
        }
        const out = [];
        while (cp !== CodePoint.QUOTATION_MARK && cp !== CodePoint.EOF && cp !== CodePoint.LINE_FEED) {
          if (isControlOtherThanTab(cp)) return this.reportParseErrorControlChar();
          if (cp === CodePoint.BACKSLASH) {
            cp = this.nextCode();
            const ecp = this.ESCAPES[cp];
            if (ecp) {
              out.push(ecp);
              cp = this.nextCode();
              continue;
            } else if (cp === CodePoint.LATIN_SMALL_U) {
              const code = this.parseUnicode(4);
              out.push(code);
              cp = this.nextCode();
              continue;
            } else if (cp === CodePoint.LATIN_CAPITAL_U) {
              const code = this.parseUnicode(8);
              out.push(code);
              cp = this.nextCode();
              continue;
            } else if (cp === CodePoint.LATIN_SMALL_X && this.tomlVersion.gte(1, 1)) {
              const code = this.parseUnicode(2);
              out.push(code);
              cp = this.nextCode();
              continue;
            }
            return this.reportParseError("invalid-char-in-escape-sequence");
          }
          out.push(cp);
          cp = this.nextCode();
        }
        if (cp !== CodePoint.QUOTATION_MARK) return this.reportParseError("unterminated-string");
        this.endToken("BasicString", "end", String.fromCodePoint(...out));
        return "DATA";
      }
      MULTI_LINE_BASIC_STRING(cp) {
        const out = [];
        if (cp === CodePoint.LINE_FEED) cp = this.nextCode();
        while (cp !== CodePoint.EOF) {
          if (cp !== CodePoint.LINE_FEED && isControlOtherThanTab(cp)) return this.reportParseErrorControlChar();
          if (cp === CodePoint.QUOTATION_MARK) {
            const startPos = this.codePointIterator.start;
            if (this.eatCode(CodePoint.QUOTATION_MARK) && this.eatCode(CodePoint.QUOTATION_MARK)) {
              if (this.eatCode(CodePoint.QUOTATION_MARK)) {
                out.push(CodePoint.QUOTATION_MARK);
                if (this.eatCode(CodePoint.QUOTATION_MARK)) {
                  out.push(CodePoint.QUOTATION_MARK);
                  if (this.eatCode(CodePoint.QUOTATION_MARK)) {
                    this.moveAt(startPos);
                    return this.reportParseError("invalid-three-quotes");
                  }
                }
              }
              this.endToken("MultiLineBasicString", "end", String.fromCodePoint(...out));
              return "DATA";
            }
            this.moveAt(startPos);
          }
          if (cp === CodePoint.BACKSLASH) {
            cp = this.nextCode();
            const ecp = this.ESCAPES[cp];
            if (ecp) {
              out.push(ecp);
              cp = this.nextCode();
              continue;
            } else if (cp === CodePoint.LATIN_SMALL_U) {
              const code = this.parseUnicode(4);
              out.push(code);
              cp = this.nextCode();
              continue;
            } else if (cp === CodePoint.LATIN_CAPITAL_U) {
              const code = this.parseUnicode(8);
              out.push(code);
              cp = this.nextCode();
              continue;
            } else if (cp === CodePoint.LATIN_SMALL_X && this.tomlVersion.gte(1, 1)) {
              const code = this.parseUnicode(2);
              out.push(code);
              cp = this.nextCode();
              continue;
            } else if (cp === CodePoint.LINE_FEED) {
              cp = this.nextCode();
              while (isWhitespace(cp) || cp === CodePoint.LINE_FEED) cp = this.nextCode();
              continue;
            } else if (isWhitespace(cp)) {
              let valid = true;
              const startPos = this.codePointIterator.start;
              let nextCp;
              while ((nextCp = this.nextCode()) !== CodePoint.EOF) {
                if (nextCp === CodePoint.LINE_FEED) break;
                if (!isWhitespace(nextCp)) {
                  this.moveAt(startPos);
                  valid = false;
                  break;
                }
              }
              if (valid) {
                cp = this.nextCode();
                while (isWhitespace(cp) || cp === CodePoint.LINE_FEED) cp = this.nextCode();
                continue;
              }
            }
            return this.reportParseError("invalid-char-in-escape-sequence");
          }
          out.push(cp);
          cp = this.nextCode();
        }
        return this.reportParseError("unterminated-string");
      }
      LITERAL_STRING(cp) {
        if (cp === CodePoint.SINGLE_QUOTE) {
          cp = this.nextCode();
          if (cp === CodePoint.SINGLE_QUOTE) return "MULTI_LINE_LITERAL_STRING";
          this.endToken("LiteralString", "start", "");
          return this.back("DATA");
        }
        const out = [];
        while (cp !== CodePoint.SINGLE_QUOTE && cp !== CodePoint.EOF && cp !== CodePoint.LINE_FEED) {
          if (isControlOtherThanTab(cp)) return this.reportParseErrorControlChar();
          out.push(cp);
          cp = this.nextCode();
        }
        if (cp !== CodePoint.SINGLE_QUOTE) return this.reportParseError("unterminated-string");
        this.endToken("LiteralString", "end", String.fromCodePoint(...out));
        return "DATA";
      }
      MULTI_LINE_LITERAL_STRING(cp) {
        const out = [];
        if (cp === CodePoint.LINE_FEED) cp = this.nextCode();
        while (cp !== CodePoint.EOF) {
          if (cp !== CodePoint.LINE_FEED && isControlOtherThanTab(cp)) return this.reportParseErrorControlChar();
          if (cp === CodePoint.SINGLE_QUOTE) {
            const startPos = this.codePointIterator.start;
            if (this.eatCode(CodePoint.SINGLE_QUOTE) && this.eatCode(CodePoint.SINGLE_QUOTE)) {
              if (this.eatCode(CodePoint.SINGLE_QUOTE)) {
                out.push(CodePoint.SINGLE_QUOTE);
                if (this.eatCode(CodePoint.SINGLE_QUOTE)) {
                  out.push(CodePoint.SINGLE_QUOTE);
                  if (this.eatCode(CodePoint.SINGLE_QUOTE)) {
                    this.moveAt(startPos);
                    return this.reportParseError("invalid-three-quotes");
                  }
                }
              }
              this.endToken("MultiLineLiteralString", "end", String.fromCodePoint(...out));
              return "DATA";
            }
            this.moveAt(startPos);
          }
          out.push(cp);
          cp = this.nextCode();
        }
        return this.reportParseError("unterminated-string");
      }
      SIGN(cp) {
        if (cp === CodePoint.LATIN_SMALL_N || cp === CodePoint.LATIN_SMALL_I) return this.back("NAN_OR_INF");
        if (isDigit(cp)) return this.back("NUMBER");
        return this.reportParseError("unexpected-char");
      }
      NAN_OR_INF(cp) {
        if (cp === CodePoint.LATIN_SMALL_N) {
          const startPos = this.codePointIterator.start;
          if (this.eatCode(CodePoint.LATIN_SMALL_A) && this.eatCode(CodePoint.LATIN_SMALL_N)) {
            this.endToken("Float", "end", NaN);
            return "DATA";
          }
          this.moveAt(startPos);
        } else if (cp === CodePoint.LATIN_SMALL_I) {
          const startPos = this.codePointIterator.start;
          if (this.eatCode(CodePoint.LATIN_SMALL_N) && this.eatCode(CodePoint.LATIN_SMALL_F)) {
            this.endToken("Float", "end", this.text[this.tokenStart] === "-" ? -Infinity : Infinity);
            return "DATA";
          }
          this.moveAt(startPos);
        }
        return this.reportParseError("unexpected-char");
      }
      NUMBER(cp) {
        const start = this.text[this.tokenStart];
        const sign = start === "+" ? CodePoint.PLUS_SIGN : start === "-" ? CodePoint.DASH : CodePoint.NULL;
        if (cp === CodePoint.DIGIT_0) {
          if (sign === CodePoint.NULL) {
            const startPos = this.codePointIterator.start;
            const nextCp$1 = this.nextCode();
            if (isDigit(nextCp$1)) {
              const nextNextCp = this.nextCode();
              if (nextNextCp === CodePoint.COLON) {
                this.data = {
                  hasDate: false,
                  year: 0,
                  month: 0,
                  day: 0,
                  hour: Number(String.fromCodePoint(CodePoint.DIGIT_0, nextCp$1)),
                  minute: 0,
                  second: 0
                };
                return "TIME_MINUTE";
              }
              if (isDigit(nextNextCp)) {
                const nextNextNextCp = this.nextCode();
                if (isDigit(nextNextNextCp) && this.eatCode(CodePoint.DASH)) {
                  this.data = {
                    hasDate: true,
                    year: Number(String.fromCodePoint(CodePoint.DIGIT_0, nextCp$1, nextNextCp, nextNextNextCp)),
                    month: 0,
                    day: 0,
                    hour: 0,
                    minute: 0,
                    second: 0
                  };
                  return "DATE_MONTH";
                }
              }
              this.moveAt(startPos);
              return this.reportParseError("invalid-leading-zero");
            }
            this.moveAt(startPos);
          }
          cp = this.nextCode();
          if (cp === CodePoint.LATIN_SMALL_X || cp === CodePoint.LATIN_SMALL_O || cp === CodePoint.LATIN_SMALL_B) {
            if (sign !== CodePoint.NULL) return this.reportParseError("unexpected-char");
            return cp === CodePoint.LATIN_SMALL_X ? "HEX" : cp === CodePoint.LATIN_SMALL_O ? "OCTAL" : "BINARY";
          }
          if (cp === CodePoint.LATIN_SMALL_E || cp === CodePoint.LATIN_CAPITAL_E) {
            this.data = {
              minus: sign === CodePoint.DASH,
              left: [CodePoint.DIGIT_0]
            };
            return "EXPONENT_RIGHT";
          }
          if (cp === CodePoint.DOT) {
            this.data = {
              minus: sign === CodePoint.DASH,
              absInt: [CodePoint.DIGIT_0]
            };
            return "FRACTIONAL_RIGHT";
          }
          this.endToken("Integer", "start", "0", 10);
          return this.back("DATA");
        }
        const { out, nextCp, hasUnderscore } = this.parseDigits(cp, isDigit);
        if (nextCp === CodePoint.DASH && sign === CodePoint.NULL && !hasUnderscore && out.length === 4) {
          this.data = {
            hasDate: true,
            year: Number(String.fromCodePoint(...out)),
            month: 0,
            day: 0,
            hour: 0,
            minute: 0,
            second: 0
          };
          return "DATE_MONTH";
        }
        if (nextCp === CodePoint.COLON && sign === CodePoint.NULL && !hasUnderscore && out.length === 2) {
          this.data = {
            hasDate: false,
            year: 0,
            month: 0,
            day: 0,
            hour: Number(String.fromCodePoint(...out)),
            minute: 0,
            second: 0
          };
          return "TIME_MINUTE";
        }
        if (nextCp === CodePoint.LATIN_SMALL_E || nextCp === CodePoint.LATIN_CAPITAL_E) {
          this.data = {
            minus: sign === CodePoint.DASH,
            left: out
          };
          return "EXPONENT_RIGHT";
        }
        if (nextCp === CodePoint.DOT) {
          this.data = {
            minus: sign === CodePoint.DASH,
            absInt: out
          };
          return "FRACTIONAL_RIGHT";
        }
        this.endToken("Integer", "start", sign === CodePoint.DASH ? String.fromCodePoint(CodePoint.DASH, ...out) : String.fromCodePoint(...out), 10);
        return this.back("DATA");
      }
      HEX(cp) {
        const { out } = this.parseDigits(cp, isHexDig);
        this.endToken("Integer", "start", String.fromCodePoint(...out), 16);
        return this.back("DATA");
      }
      OCTAL(cp) {
        const { out } = this.parseDigits(cp, isOctalDig);
        this.endToken("Integer", "start", String.fromCodePoint(...out), 8);
        return this.back("DATA");
      }
      BINARY(cp) {
        const { out } = this.parseDigits(cp, (c) => c === CodePoint.DIGIT_0 || c === CodePoint.DIGIT_1);
        this.endToken("Integer", "start", String.fromCodePoint(...out), 2);
        return this.back("DATA");
      }
      FRACTIONAL_RIGHT(cp) {
        const { minus, absInt } = this.data;
        const { out, nextCp } = this.parseDigits(cp, isDigit);
        const absNum = [
          ...absInt,
          CodePoint.DOT,
          ...out
        ];
        if (nextCp === CodePoint.LATIN_SMALL_E || nextCp === CodePoint.LATIN_CAPITAL_E) {
          this.data = {
            minus,
            left: absNum
          };
          return "EXPONENT_RIGHT";
        }
        const value = Number(minus ? String.fromCodePoint(CodePoint.DASH, ...absNum) : String.fromCodePoint(...absNum));
        this.endToken("Float", "start", value);
        return this.back("DATA");
      }
      EXPONENT_RIGHT(cp) {
        const { left, minus: leftMinus } = this.data;
        let minus = false;
        if (cp === CodePoint.DASH || cp === CodePoint.PLUS_SIGN) {
          minus = cp === CodePoint.DASH;
          cp = this.nextCode();
        }
        const { out } = this.parseDigits(cp, isDigit);
        const right = out;
        if (minus) right.unshift(CodePoint.DASH);
        const value = Number(leftMinus ? String.fromCodePoint(CodePoint.DASH, ...left, CodePoint.LATIN_SMALL_E, ...right) : String.fromCodePoint(...left, CodePoint.LATIN_SMALL_E, ...right));
        this.endToken("Float", "start", value);
        return this.back("DATA");
      }
      BOOLEAN(cp) {
        if (cp === CodePoint.LATIN_SMALL_T) {
          const startPos = this.codePointIterator.start;
          if (this.eatCode(CodePoint.LATIN_SMALL_R) && this.eatCode(CodePoint.LATIN_SMALL_U) && this.eatCode(CodePoint.LATIN_SMALL_E)) {
            this.endToken("Boolean", "end", true);
            return "DATA";
          }
          this.moveAt(startPos);
        } else if (cp === CodePoint.LATIN_SMALL_F) {
          const startPos = this.codePointIterator.start;
          if (this.eatCode(CodePoint.LATIN_SMALL_A) && this.eatCode(CodePoint.LATIN_SMALL_L) && this.eatCode(CodePoint.LATIN_SMALL_S) && this.eatCode(CodePoint.LATIN_SMALL_E)) {
            this.endToken("Boolean", "end", false);
            return "DATA";
          }
          this.moveAt(startPos);
        }
        return this.reportParseError("unexpected-char");
      }
      DATE_MONTH(cp) {
        const start = this.codePointIterator.start;
        if (!isDigit(cp)) return this.reportParseError("unexpected-char");
        cp = this.nextCode();
        if (!isDigit(cp)) return this.reportParseError("unexpected-char");
        cp = this.nextCode();
        if (cp !== CodePoint.DASH) return this.reportParseError("unexpected-char");
        const end = this.codePointIterator.start;
        const data = this.data;
        data.month = Number(this.text.slice(start, end));
        return "DATE_DAY";
      }
      DATE_DAY(cp) {
        const start = this.codePointIterator.start;
        if (!isDigit(cp)) return this.reportParseError("unexpected-char");
        cp = this.nextCode();
        if (!isDigit(cp)) return this.reportParseError("unexpected-char");
        const end = this.codePointIterator.end;
        const data = this.data;
        data.day = Number(this.text.slice(start, end));
        if (!isValidDate(data.year, data.month, data.day)) return this.reportParseError("invalid-date");
        cp = this.nextCode();
        if (cp === CodePoint.LATIN_CAPITAL_T || cp === CodePoint.LATIN_SMALL_T) return "TIME_HOUR";
        if (cp === CodePoint.SPACE) {
          const startPos = this.codePointIterator.start;
          if (isDigit(this.nextCode()) && isDigit(this.nextCode())) {
            this.moveAt(startPos);
            return "TIME_HOUR";
          }
          this.moveAt(startPos);
        }
        const dateValue = getDateFromDateTimeData(data, "");
        this.endToken("LocalDate", "start", dateValue);
        return this.back("DATA");
      }
      TIME_HOUR(cp) {
        const start = this.codePointIterator.start;
        if (!isDigit(cp)) return this.reportParseError("unexpected-char");
        cp = this.nextCode();
        if (!isDigit(cp)) return this.reportParseError("unexpected-char");
        cp = this.nextCode();
        if (cp !== CodePoint.COLON) return this.reportParseError("unexpected-char");
        const end = this.codePointIterator.start;
        const data = this.data;
        data.hour = Number(this.text.slice(start, end));
        return "TIME_MINUTE";
      }
      TIME_MINUTE(cp) {
        const start = this.codePointIterator.start;
        if (!isDigit(cp)) return this.reportParseError("unexpected-char");
        cp = this.nextCode();
        if (!isDigit(cp)) return this.reportParseError("unexpected-char");
        const end = this.codePointIterator.end;
        const data = this.data;
        data.minute = Number(this.text.slice(start, end));
        cp = this.nextCode();
        if (cp === CodePoint.COLON) return "TIME_SECOND";
        if (this.tomlVersion.lt(1, 1)) return this.reportParseError("unexpected-char");
        if (!isValidTime(data.hour, data.minute, data.second)) return this.reportParseError("invalid-time");
        return this.processTimeEnd(cp, data);
      }
      TIME_SECOND(cp) {
        const start = this.codePointIterator.start;
        if (!isDigit(cp)) return this.reportParseError("unexpected-char");
        cp = this.nextCode();
        if (!isDigit(cp)) return this.reportParseError("unexpected-char");
        const end = this.codePointIterator.end;
        const data = this.data;
        data.second = Number(this.text.slice(start, end));
        if (!isValidTime(data.hour, data.minute, data.second)) return this.reportParseError("invalid-time");
        cp = this.nextCode();
        if (cp === CodePoint.DOT) return "TIME_SEC_FRAC";
        return this.processTimeEnd(cp, data);
      }
      TIME_SEC_FRAC(cp) {
        if (!isDigit(cp)) return this.reportParseError("unexpected-char");
        const start = this.codePointIterator.start;
        while (isDigit(cp)) cp = this.nextCode();
        const end = this.codePointIterator.start;
        const data = this.data;
        data.frac = this.text.slice(start, end);
        return this.processTimeEnd(cp, data);
      }
      processTimeEnd(cp, data) {
        if (data.hasDate) {
          if (cp === CodePoint.DASH || cp === CodePoint.PLUS_SIGN) {
            data.offsetSign = cp;
            return "TIME_OFFSET";
          }
          if (cp === CodePoint.LATIN_CAPITAL_Z || cp === CodePoint.LATIN_SMALL_Z) {
            const dateValue$2 = getDateFromDateTimeData(data, "Z");
            this.endToken("OffsetDateTime", "end", dateValue$2);
            return "DATA";
          }
          const dateValue$1 = getDateFromDateTimeData(data, "");
          this.endToken("LocalDateTime", "start", dateValue$1);
          return this.back("DATA");
        }
        const dateValue = getDateFromDateTimeData(data, "");
        this.endToken("LocalTime", "start", dateValue);
        return this.back("DATA");
      }
      TIME_OFFSET(cp) {
        if (!isDigit(cp)) return this.reportParseError("unexpected-char");
        const hourStart = this.codePointIterator.start;
        cp = this.nextCode();
        if (!isDigit(cp)) return this.reportParseError("unexpected-char");
        cp = this.nextCode();
        if (cp !== CodePoint.COLON) return this.reportParseError("unexpected-char");
        const hourEnd = this.codePointIterator.start;
        cp = this.nextCode();
        const minuteStart = this.codePointIterator.start;
        if (!isDigit(cp)) return this.reportParseError("unexpected-char");
        cp = this.nextCode();
        if (!isDigit(cp)) return this.reportParseError("unexpected-char");
        const minuteEnd = this.codePointIterator.end;
        const hour = Number(this.text.slice(hourStart, hourEnd));
        const minute = Number(this.text.slice(minuteStart, minuteEnd));
        if (!isValidTime(hour, minute, 0)) return this.reportParseError("invalid-time");
        const data = this.data;
        const dateValue = getDateFromDateTimeData(data, `${String.fromCodePoint(data.offsetSign)}${padStart(hour, 2)}:${padStart(minute, 2)}`);
        this.endToken("OffsetDateTime", "end", dateValue);
        return "DATA";
      }
      parseDigits(cp, checkDigit) {
        if (cp === CodePoint.UNDERSCORE) return this.reportParseError("invalid-underscore");
        if (!checkDigit(cp)) return this.reportParseError("unexpected-char");
        const out = [];
        let before = CodePoint.NULL;
        let hasUnderscore = false;
        while (checkDigit(cp) || cp === CodePoint.UNDERSCORE) {
          if (cp === CodePoint.UNDERSCORE) {
            hasUnderscore = true;
            if (before === CodePoint.UNDERSCORE) return this.reportParseError("invalid-underscore");
          } else out.push(cp);
          before = cp;
          cp = this.nextCode();
        }
        if (before === CodePoint.UNDERSCORE) return this.reportParseError("invalid-underscore");
        return {
          out,
          nextCp: cp,
          hasUnderscore
        };
      }
      parseUnicode(count) {
        const startLoc = this.codePointIterator.start;
        const start = this.codePointIterator.end;
        let charCount = 0;
        let cp;
        while ((cp = this.nextCode()) !== CodePoint.EOF) {
          if (!isHexDig(cp)) {
            this.moveAt(startLoc);
            return this.reportParseError("invalid-char-in-escape-sequence");
          }
          charCount++;
          if (charCount >= count) break;
        }
        const end = this.codePointIterator.end;
        const code = this.text.slice(start, end);
        const codePoint = parseInt(code, 16);
        if (!isUnicodeScalarValue(codePoint)) return this.reportParseError("invalid-code-point", { cp: code });
        return codePoint;
      }
      reportParseErrorControlChar() {
        return this.reportParseError("invalid-control-character");
      }
    };
    VALUE_KIND_VALUE = /* @__PURE__ */ Symbol("VALUE_KIND_VALUE");
    VALUE_KIND_INTERMEDIATE = /* @__PURE__ */ Symbol("VALUE_KIND_INTERMEDIATE");
    KeysResolver = class {
      constructor(ctx) {
        this.rootKeys = /* @__PURE__ */ new Map();
        this.tables = [];
        this.ctx = ctx;
      }
      applyResolveKeyForTable(node) {
        let keys = this.rootKeys;
        const peekKeyIndex = node.key.keys.length - 1;
        for (let index = 0; index < peekKeyIndex; index++) {
          const keyNode = node.key.keys[index];
          const keyName = toKeyName(keyNode);
          node.resolvedKey.push(keyName);
          let keyStore = keys.get(keyName);
          if (!keyStore) {
            keyStore = {
              node: keyNode,
              keys: /* @__PURE__ */ new Map()
            };
            keys.set(keyName, keyStore);
          } else if (keyStore.table === "array") {
            const peekIndex = keyStore.peekIndex;
            node.resolvedKey.push(peekIndex);
            keyStore = keyStore.keys.get(peekIndex);
          }
          keys = keyStore.keys;
        }
        const lastKeyNode = node.key.keys[peekKeyIndex];
        const lastKeyName = toKeyName(lastKeyNode);
        node.resolvedKey.push(lastKeyName);
        const lastKeyStore = keys.get(lastKeyName);
        if (!lastKeyStore) if (node.kind === "array") {
          node.resolvedKey.push(0);
          const newKeyStore = {
            node: lastKeyNode,
            keys: /* @__PURE__ */ new Map()
          };
          keys.set(lastKeyName, {
            table: node.kind,
            node: lastKeyNode,
            keys: /* @__PURE__ */ new Map([[0, newKeyStore]]),
            peekIndex: 0
          });
          this.tables.push({
            node,
            keys: newKeyStore.keys
          });
        } else {
          const newKeyStore = {
            table: node.kind,
            node: lastKeyNode,
            keys: /* @__PURE__ */ new Map()
          };
          keys.set(lastKeyName, newKeyStore);
          this.tables.push({
            node,
            keys: newKeyStore.keys
          });
        }
        else if (!lastKeyStore.table) if (node.kind === "array") this.ctx.reportParseError("dupe-keys", lastKeyNode);
        else {
          const transformKey = {
            table: node.kind,
            node: lastKeyNode,
            keys: lastKeyStore.keys
          };
          keys.set(lastKeyName, transformKey);
          this.tables.push({
            node,
            keys: transformKey.keys
          });
        }
        else if (lastKeyStore.table === "array") if (node.kind === "array") {
          const newKeyStore = {
            node: lastKeyNode,
            keys: /* @__PURE__ */ new Map()
          };
          const newIndex = lastKeyStore.peekIndex + 1;
          node.resolvedKey.push(newIndex);
          lastKeyStore.keys.set(newIndex, newKeyStore);
          lastKeyStore.peekIndex = newIndex;
          this.tables.push({
            node,
            keys: newKeyStore.keys
          });
        } else this.ctx.reportParseError("dupe-keys", lastKeyNode);
        else this.ctx.reportParseError("dupe-keys", lastKeyNode);
      }
      verifyDuplicateKeys(node) {
        for (const body of node.body) if (body.type === "TOMLKeyValue") verifyDuplicateKeysForKeyValue(this.ctx, this.rootKeys, body);
        for (const { node: tableNode, keys } of this.tables) for (const body of tableNode.body) verifyDuplicateKeysForKeyValue(this.ctx, keys, body);
      }
    };
    Context = class {
      constructor(data) {
        this.tokens = [];
        this.comments = [];
        this.back = null;
        this.stateStack = [];
        this.needNewLine = false;
        this.needSameLine = false;
        this.currToken = null;
        this.prevToken = null;
        this.valueContainerStack = [];
        this.tokenizer = new Tokenizer(data.text, data.parserOptions);
        this.topLevelTable = data.topLevelTable;
        this.table = data.topLevelTable;
        this.keysResolver = new KeysResolver(this);
      }
      /**
      * Get the next token.
      */
      nextToken(option) {
        this.prevToken = this.currToken;
        if (this.back) {
          this.currToken = this.back;
          this.back = null;
        } else this.currToken = this._nextTokenFromTokenizer(option);
        if ((this.needNewLine || this.needSameLine || option?.needSameLine) && this.prevToken && this.currToken) if (this.prevToken.loc.end.line === this.currToken.loc.start.line) {
          if (this.needNewLine) return this.reportParseError("missing-newline", this.currToken);
        } else {
          const needSameLine = this.needSameLine || option?.needSameLine;
          if (needSameLine) return this.reportParseError(needSameLine, this.currToken);
        }
        this.needNewLine = false;
        this.needSameLine = false;
        return this.currToken;
      }
      _nextTokenFromTokenizer(option) {
        const valuesEnabled = this.tokenizer.valuesEnabled;
        if (option?.valuesEnabled) this.tokenizer.valuesEnabled = option.valuesEnabled;
        let token = this.tokenizer.nextToken();
        while (token && token.type === "Block") {
          this.comments.push(token);
          token = this.tokenizer.nextToken();
        }
        if (token) this.tokens.push(token);
        this.tokenizer.valuesEnabled = valuesEnabled;
        return token;
      }
      backToken() {
        if (this.back) throw new Error("Illegal state");
        this.back = this.currToken;
        this.currToken = this.prevToken;
      }
      addValueContainer(valueContainer) {
        this.valueContainerStack.push(valueContainer);
        this.tokenizer.valuesEnabled = true;
      }
      consumeValueContainer() {
        const valueContainer = this.valueContainerStack.pop();
        this.tokenizer.valuesEnabled = this.valueContainerStack.length > 0;
        return valueContainer;
      }
      applyResolveKeyForTable(node) {
        this.keysResolver.applyResolveKeyForTable(node);
      }
      verifyDuplicateKeys() {
        this.keysResolver.verifyDuplicateKeys(this.topLevelTable);
      }
      /**
      * Report an invalid token error.
      */
      reportParseError(code, token) {
        let offset, line, column;
        if (token) {
          offset = token.range[0];
          line = token.loc.start.line;
          column = token.loc.start.column;
        } else {
          offset = this.tokenizer.start;
          const startPos = this.tokenizer.getLocFromIndex(offset);
          line = startPos.line;
          column = startPos.column;
        }
        throw new ParseError(code, offset, line, column);
      }
    };
    STATE_FOR_ERROR = { VALUE: "missing-value" };
    STRING_VALUE_STYLE_MAP = {
      BasicString: "basic",
      MultiLineBasicString: "basic",
      LiteralString: "literal",
      MultiLineLiteralString: "literal"
    };
    STRING_KEY_STYLE_MAP = {
      BasicString: "basic",
      LiteralString: "literal"
    };
    DATETIME_VALUE_KIND_MAP = {
      OffsetDateTime: "offset-date-time",
      LocalDateTime: "local-date-time",
      LocalDate: "local-date",
      LocalTime: "local-time"
    };
    TOMLParser = class {
      /**
      * Initialize this parser.
      */
      constructor(text4, parserOptions) {
        this.text = text4;
        this.parserOptions = parserOptions || {};
        this.tomlVersion = getTOMLVer(this.parserOptions.tomlVersion);
      }
      /**
      * Parse TOML
      */
      parse() {
        const ast = {
          type: "Program",
          body: [],
          sourceType: "module",
          tokens: [],
          comments: [],
          parent: null,
          range: [0, 0],
          loc: {
            start: {
              line: 1,
              column: 0
            },
            end: {
              line: 1,
              column: 0
            }
          }
        };
        const node = {
          type: "TOMLTopLevelTable",
          body: [],
          parent: ast,
          range: cloneRange(ast.range),
          loc: cloneLoc(ast.loc)
        };
        ast.body = [node];
        const ctx = new Context({
          text: this.text,
          parserOptions: this.parserOptions,
          topLevelTable: node
        });
        let token = ctx.nextToken();
        if (token) {
          node.range[0] = token.range[0];
          node.loc.start = clonePos(token.loc.start);
          while (token) {
            const state$1 = ctx.stateStack.pop() || "TABLE";
            ctx.stateStack.push(...this[state$1](token, ctx));
            token = ctx.nextToken();
          }
          const state = ctx.stateStack.pop() || "TABLE";
          if (state in STATE_FOR_ERROR) return ctx.reportParseError(STATE_FOR_ERROR[state], null);
          if (ctx.table.type === "TOMLTable") applyEndLoc(ctx.table, last2(ctx.table.body));
          applyEndLoc(node, last2(node.body));
        }
        ctx.verifyDuplicateKeys();
        ast.tokens = ctx.tokens;
        ast.comments = ctx.comments;
        const endOffset = ctx.tokenizer.end;
        const endPos = ctx.tokenizer.getLocFromIndex(endOffset);
        ast.range[1] = endOffset;
        ast.loc.end = {
          line: endPos.line,
          column: endPos.column
        };
        return ast;
      }
      TABLE(token, ctx) {
        if (isBare(token) || isString(token)) return this.processKeyValue(token, ctx.table, ctx);
        if (isLeftBracket(token)) return this.processTable(token, ctx.topLevelTable, ctx);
        return ctx.reportParseError("unexpected-token", token);
      }
      VALUE(token, ctx) {
        if (isString(token) || isMultiLineString(token)) return this.processStringValue(token, ctx);
        if (isNumber(token)) return this.processNumberValue(token, ctx);
        if (isBoolean(token)) return this.processBooleanValue(token, ctx);
        if (isDateTime(token)) return this.processDateTimeValue(token, ctx);
        if (isLeftBracket(token)) return this.processArray(token, ctx);
        if (isLeftBrace(token)) return this.processInlineTable(token, ctx);
        return ctx.reportParseError("unexpected-token", token);
      }
      processTable(token, topLevelTableNode, ctx) {
        const tableNode = {
          type: "TOMLTable",
          kind: "standard",
          key: null,
          resolvedKey: [],
          body: [],
          parent: topLevelTableNode,
          range: cloneRange(token.range),
          loc: cloneLoc(token.loc)
        };
        if (ctx.table.type === "TOMLTable") applyEndLoc(ctx.table, last2(ctx.table.body));
        topLevelTableNode.body.push(tableNode);
        ctx.table = tableNode;
        let targetToken = ctx.nextToken({ needSameLine: "invalid-key-value-newline" });
        if (isLeftBracket(targetToken)) {
          if (token.range[1] < targetToken.range[0]) return ctx.reportParseError("invalid-space", targetToken);
          tableNode.kind = "array";
          targetToken = ctx.nextToken({ needSameLine: "invalid-key-value-newline" });
        }
        if (isRightBracket(targetToken)) return ctx.reportParseError("missing-key", targetToken);
        if (!targetToken) return ctx.reportParseError("unterminated-table-key", null);
        targetToken = this.processKeyNode(targetToken, tableNode, ctx).nextToken;
        if (!isRightBracket(targetToken)) return ctx.reportParseError("unterminated-table-key", targetToken);
        if (tableNode.kind === "array") {
          const rightBracket = targetToken;
          targetToken = ctx.nextToken({ needSameLine: "invalid-key-value-newline" });
          if (!isRightBracket(targetToken)) return ctx.reportParseError("unterminated-table-key", targetToken);
          if (rightBracket.range[1] < targetToken.range[0]) return ctx.reportParseError("invalid-space", targetToken);
        }
        applyEndLoc(tableNode, targetToken);
        ctx.applyResolveKeyForTable(tableNode);
        ctx.needNewLine = true;
        return [];
      }
      processKeyValue(token, tableNode, ctx) {
        const keyValueNode = {
          type: "TOMLKeyValue",
          key: null,
          value: null,
          parent: tableNode,
          range: cloneRange(token.range),
          loc: cloneLoc(token.loc)
        };
        tableNode.body.push(keyValueNode);
        const { nextToken: targetToken } = this.processKeyNode(token, keyValueNode, ctx);
        if (!isEq(targetToken)) return ctx.reportParseError("missing-equals-sign", targetToken);
        ctx.addValueContainer({
          parent: keyValueNode,
          set: (valNode) => {
            keyValueNode.value = valNode;
            applyEndLoc(keyValueNode, valNode);
            ctx.needNewLine = true;
            return [];
          }
        });
        ctx.needSameLine = "invalid-key-value-newline";
        return ["VALUE"];
      }
      processKeyNode(token, parent, ctx) {
        if (isDot(token)) ctx.reportParseError("invalid-leading-dot-in-key", token);
        const keyNode = {
          type: "TOMLKey",
          keys: [],
          parent,
          range: cloneRange(token.range),
          loc: cloneLoc(token.loc)
        };
        parent.key = keyNode;
        let targetToken = token;
        let dotToken = null;
        do {
          if (isBare(targetToken)) this.processBareKey(targetToken, keyNode);
          else if (isString(targetToken)) this.processStringKey(targetToken, keyNode);
          else break;
          dotToken = null;
          targetToken = ctx.nextToken({ needSameLine: "invalid-key-value-newline" });
          if (!isDot(targetToken)) break;
          dotToken = targetToken;
          targetToken = ctx.nextToken({ needSameLine: "invalid-key-value-newline" });
        } while (targetToken);
        if (dotToken) ctx.reportParseError(isDot(targetToken) ? "invalid-consecutive-dots-in-key" : "invalid-trailing-dot-in-key", dotToken);
        applyEndLoc(keyNode, last2(keyNode.keys));
        return {
          keyNode,
          nextToken: targetToken
        };
      }
      processBareKey(token, keyNode) {
        const node = {
          type: "TOMLBare",
          name: token.value,
          parent: keyNode,
          range: cloneRange(token.range),
          loc: cloneLoc(token.loc)
        };
        keyNode.keys.push(node);
      }
      processStringKey(token, keyNode) {
        const node = {
          type: "TOMLQuoted",
          kind: "string",
          value: token.string,
          style: STRING_KEY_STYLE_MAP[token.type],
          multiline: false,
          parent: keyNode,
          range: cloneRange(token.range),
          loc: cloneLoc(token.loc)
        };
        keyNode.keys.push(node);
      }
      processStringValue(token, ctx) {
        const valueContainer = ctx.consumeValueContainer();
        const node = {
          type: "TOMLValue",
          kind: "string",
          value: token.string,
          style: STRING_VALUE_STYLE_MAP[token.type],
          multiline: isMultiLineString(token),
          parent: valueContainer.parent,
          range: cloneRange(token.range),
          loc: cloneLoc(token.loc)
        };
        return valueContainer.set(node);
      }
      processNumberValue(token, ctx) {
        const valueContainer = ctx.consumeValueContainer();
        const text4 = this.text;
        const [startRange, endRange] = token.range;
        let numberString = null;
        const getNumberText = () => {
          return numberString ?? (numberString = text4.slice(startRange, endRange).replace(/_/g, ""));
        };
        let node;
        if (token.type === "Integer") node = {
          type: "TOMLValue",
          kind: "integer",
          value: token.number,
          bigint: token.bigint,
          get number() {
            return getNumberText();
          },
          parent: valueContainer.parent,
          range: cloneRange(token.range),
          loc: cloneLoc(token.loc)
        };
        else node = {
          type: "TOMLValue",
          kind: "float",
          value: token.number,
          get number() {
            return getNumberText();
          },
          parent: valueContainer.parent,
          range: cloneRange(token.range),
          loc: cloneLoc(token.loc)
        };
        return valueContainer.set(node);
      }
      processBooleanValue(token, ctx) {
        const valueContainer = ctx.consumeValueContainer();
        const node = {
          type: "TOMLValue",
          kind: "boolean",
          value: token.boolean,
          parent: valueContainer.parent,
          range: cloneRange(token.range),
          loc: cloneLoc(token.loc)
        };
        return valueContainer.set(node);
      }
      processDateTimeValue(token, ctx) {
        const valueContainer = ctx.consumeValueContainer();
        const node = {
          type: "TOMLValue",
          kind: DATETIME_VALUE_KIND_MAP[token.type],
          value: token.date,
          datetime: token.value,
          parent: valueContainer.parent,
          range: cloneRange(token.range),
          loc: cloneLoc(token.loc)
        };
        return valueContainer.set(node);
      }
      processArray(token, ctx) {
        const valueContainer = ctx.consumeValueContainer();
        const node = {
          type: "TOMLArray",
          elements: [],
          parent: valueContainer.parent,
          range: cloneRange(token.range),
          loc: cloneLoc(token.loc)
        };
        const nextToken = ctx.nextToken({ valuesEnabled: true });
        if (isRightBracket(nextToken)) {
          applyEndLoc(node, nextToken);
          return valueContainer.set(node);
        }
        ctx.backToken();
        return this.processArrayValue(node, valueContainer, ctx);
      }
      processArrayValue(node, valueContainer, ctx) {
        ctx.addValueContainer({
          parent: node,
          set: (valNode) => {
            node.elements.push(valNode);
            let nextToken = ctx.nextToken({ valuesEnabled: true });
            const hasComma = isComma(nextToken);
            if (hasComma) nextToken = ctx.nextToken({ valuesEnabled: true });
            if (isRightBracket(nextToken)) {
              applyEndLoc(node, nextToken);
              return valueContainer.set(node);
            }
            if (hasComma) {
              ctx.backToken();
              return this.processArrayValue(node, valueContainer, ctx);
            }
            return ctx.reportParseError(nextToken ? "missing-comma" : "unterminated-array", nextToken);
          }
        });
        return ["VALUE"];
      }
      processInlineTable(token, ctx) {
        const valueContainer = ctx.consumeValueContainer();
        const node = {
          type: "TOMLInlineTable",
          body: [],
          parent: valueContainer.parent,
          range: cloneRange(token.range),
          loc: cloneLoc(token.loc)
        };
        const needSameLine = this.tomlVersion.gte(1, 1) ? void 0 : "invalid-inline-table-newline";
        const nextToken = ctx.nextToken({ needSameLine });
        if (nextToken) {
          if (isBare(nextToken) || isString(nextToken)) return this.processInlineTableKeyValue(nextToken, node, valueContainer, ctx);
          if (isRightBrace(nextToken)) {
            applyEndLoc(node, nextToken);
            return valueContainer.set(node);
          }
        }
        return ctx.reportParseError("unexpected-token", nextToken);
      }
      processInlineTableKeyValue(token, inlineTableNode, valueContainer, ctx) {
        const keyValueNode = {
          type: "TOMLKeyValue",
          key: null,
          value: null,
          parent: inlineTableNode,
          range: cloneRange(token.range),
          loc: cloneLoc(token.loc)
        };
        inlineTableNode.body.push(keyValueNode);
        const { nextToken: targetToken } = this.processKeyNode(token, keyValueNode, ctx);
        if (!isEq(targetToken)) return ctx.reportParseError("missing-equals-sign", targetToken);
        const needSameLine = this.tomlVersion.gte(1, 1) ? void 0 : "invalid-inline-table-newline";
        ctx.addValueContainer({
          parent: keyValueNode,
          set: (valNode) => {
            keyValueNode.value = valNode;
            applyEndLoc(keyValueNode, valNode);
            let nextToken = ctx.nextToken({ needSameLine });
            if (isComma(nextToken)) {
              nextToken = ctx.nextToken({ needSameLine });
              if (nextToken && (isBare(nextToken) || isString(nextToken))) return this.processInlineTableKeyValue(nextToken, inlineTableNode, valueContainer, ctx);
              if (isRightBrace(nextToken)) {
                if (this.tomlVersion.lt(1, 1)) return ctx.reportParseError("invalid-trailing-comma-in-inline-table", nextToken);
              } else return ctx.reportParseError(nextToken ? "unexpected-token" : "unterminated-inline-table", nextToken);
            }
            if (isRightBrace(nextToken)) {
              applyEndLoc(inlineTableNode, nextToken);
              return valueContainer.set(inlineTableNode);
            }
            return ctx.reportParseError(nextToken ? "missing-comma" : "unterminated-inline-table", nextToken);
          }
        });
        ctx.needSameLine = "invalid-key-value-newline";
        return ["VALUE"];
      }
    };
    tomlKeys = {
      Program: ["body"],
      TOMLTopLevelTable: ["body"],
      TOMLTable: ["key", "body"],
      TOMLKeyValue: ["key", "value"],
      TOMLKey: ["keys"],
      TOMLArray: ["elements"],
      TOMLInlineTable: ["body"],
      TOMLBare: [],
      TOMLQuoted: [],
      TOMLValue: []
    };
    KEYS3 = unionWith(tomlKeys);
    getStaticTOMLValue = generateConvertTOMLValue((node) => node.value);
  }
});

// src/core/policy/tree.ts
function complain(findings, { line, column }, message) {
  findings.problems.push({ line, column, message });
}
function warn(findings, { line, column }, message) {
  findings.warnings.push({ line, column, message });
}
function readTable(findings, node, what, keys) {
  if (node.kind !== "table") {
    complain(findings, node, `${what} must be a table.`);
    return /* @__PURE__ */ new Map();
  }
  for (const [name, { key }] of node.entries) {
    if (keys === "any" || keys.includes(name)) continue;
    complain(findings, key, `${what} has the unknown key ${quoted(name)}; known are ${keys.join(", ")}.`);
  }
  return node.entries;
}
function readText2(findings, node, what) {
  if (node === void 0) return void 0;
  if (node.kind !== "text") return complain(findings, node, `${what} must be text in quotes.`);
  if (node.value === "") return complain(findings, node, `${what} is empty.`);
  if (/[\x00-\x1f\x7f]/.test(node.value)) return complain(findings, node, `${what} has a control character.`);
  return node.value;
}
function readFlag(findings, node, what) {
  if (node === void 0) return false;
  if (node.kind === "boolean") return node.value;
  complain(findings, node, `${what} must be true or false.`);
  return false;
}
function readWord(findings, node, what, words) {
  const text4 = readText2(findings, node, what);
  const word = words.find((one) => one === text4);
  if (text4 !== void 0 && word === void 0 && node !== void 0)
    complain(findings, node, `${what} is ${quoted(text4)}, which is none of ${words.join(", ")}.`);
  return word ?? words[0];
}
function readTexts(findings, node, what) {
  return readItems(findings, node, what).flatMap((item) => {
    const text4 = readText2(findings, item, `an item of ${what}`);
    return text4 === void 0 ? [] : [{ line: item.line, column: item.column, text: text4 }];
  });
}
function readItems(findings, node, what) {
  if (node === void 0) return [];
  if (node.kind !== "list") {
    complain(findings, node, `${what} must be a list in square brackets.`);
    return [];
  }
  if (node.items.length === 0) complain(findings, node, `${what} is empty; leave it out, or name something.`);
  return node.items;
}
function readInstant(findings, node, what) {
  if (node?.kind === "other")
    return complain(findings, node, `${what} must be text in quotes: "2026-06-30T00:00:00Z".`);
  const text4 = readText2(findings, node, what);
  if (text4 === void 0 || node === void 0) return void 0;
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text4) ? new Date(text4) : new Date(Number.NaN);
  const isReal = !Number.isNaN(time.getTime()) && time.toISOString() === text4.replace("Z", ".000Z");
  if (isReal) return text4;
  return complain(findings, node, `${what} is ${quoted(text4)}, which is no time as in 2026-06-30T00:00:00Z.`);
}
function quoted(text4) {
  return JSON.stringify(text4.length > 80 ? `${text4.slice(0, 80)}\u2026` : text4);
}
var init_tree = __esm({
  "src/core/policy/tree.ts"() {
    "use strict";
  }
});

// src/core/policy/doubts.ts
function addDoubts(findings, policy, signers) {
  const placeOf2 = (name) => signers.get(name)?.place ?? START;
  doubtIdentities(findings, policy, placeOf2);
  const { editors, revocations } = policy;
  const isRevoked = (name) => revocations.some(({ signer }) => signer === name);
  if (editors.length > 0 && editors.every(isRevoked))
    warn(
      findings,
      placeOf2(editors[0] ?? ""),
      "Every editor is revoked: after that nobody can change the policy."
    );
  doubtRules(findings, policy);
  if (policy.default === "open")
    warn(findings, START, 'Refs that no rule names take anything from anybody (default = "open").');
}
function doubtIdentities(findings, policy, placeOf2) {
  const seen = /* @__PURE__ */ new Map();
  for (const { name, identities } of policy.signers) {
    for (const one of identities) {
      const other = seen.get(markOf(one));
      if (other !== void 0 && other !== name)
        warn(findings, placeOf2(name), `${name} is also ${other}: whoever signs so is both.`);
      seen.set(markOf(one), name);
      if (one.type === "email" && one.issuer === ISSUER_ALIASES["github-actions"])
        warn(
          findings,
          placeOf2(name),
          `github-actions vouches for workflows, not for the address ${one.value}.`
        );
    }
  }
}
function doubtRules(findings, { editors, rules }) {
  for (const { line, refs, paths, signers: may, merged } of rules) {
    const isAboutBranches = paths.length === 0 && refs.some((pattern) => !pattern.startsWith("refs/tags/"));
    if (isAboutBranches && !editors.some((name) => may.includes(name)))
      warn(
        findings,
        { line, column: 1 },
        "No editor is a signer here: if the policy is read from this ref, nobody can change it."
      );
    if (merged === "*")
      warn(findings, { line, column: 1 }, "What anybody wrote comes in by a merge here, also unsigned.");
  }
}
function markOf({ validFrom: _from, validUntil: _until, committers: _, ...mark }) {
  return JSON.stringify(mark);
}
var START;
var init_doubts = __esm({
  "src/core/policy/doubts.ts"() {
    "use strict";
    init_issuers();
    init_tree();
    START = { line: 1, column: 1 };
  }
});

// src/core/policy/claims.ts
var CLAIMS, SOURCE_REPOSITORY, NUMERIC_OWNERS;
var init_claims = __esm({
  "src/core/policy/claims.ts"() {
    "use strict";
    CLAIMS = {
      "gh-trigger": 2,
      "gh-sha": 3,
      "gh-name": 4,
      "gh-repository": 5,
      "gh-ref": 6,
      "build-signer-uri": 9,
      "build-signer-digest": 10,
      "runner-environment": 11,
      "source-repository-uri": 12,
      "source-repository-digest": 13,
      "source-repository-ref": 14,
      "source-repository-identifier": 15,
      "source-repository-owner-uri": 16,
      "source-repository-owner-identifier": 17,
      "build-config-uri": 18,
      "build-config-digest": 19,
      "build-trigger": 20,
      "run-invocation-uri": 21,
      "source-repository-visibility": 22,
      "deployment-environment": 23,
      "token-subject": 24
    };
    SOURCE_REPOSITORY = 12;
    NUMERIC_OWNERS = [15, 17];
  }
});

// src/core/policy/readSigners.ts
function readSigners(findings, entry) {
  const signers = /* @__PURE__ */ new Map();
  if (entry === void 0) return signers;
  for (const [name, { key, value }] of readTable(findings, entry.value, "[signers]", "any")) {
    if (!isName(name)) complain(findings, key, `${quoted(name)} is no name: ${NAME_RULE}.`);
    signers.set(name, { ...readSigner(findings, name, value), place: key });
  }
  return signers;
}
function isName(name) {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name);
}
function readSigner(findings, name, node) {
  const items = node.kind === "list" ? readItems(findings, node, name) : [node];
  const read = items.map((item) => readIdentity(findings, name, item));
  const forge = read.some((one) => one.forge);
  if (forge && read.some((one) => !one.forge))
    complain(findings, node, `${name} is a forge by one identity and none by another; give them two names.`);
  const identities = read.flatMap(({ identity }) => identity === void 0 ? [] : [identity]);
  return { signer: { name, forge, identities }, person: !forge && read.some(({ workflow }) => !workflow) };
}
function readIdentity(findings, name, node) {
  const entries = readTable(findings, node, `The identity of ${name}`, KEYS4);
  const value = (key) => entries.get(key)?.value;
  const [kind, ...others] = MARKS.filter((mark2) => entries.has(mark2));
  if (node.kind === "table" && (kind === void 0 || others.length > 0))
    complain(findings, node, `An identity of ${name} needs exactly one of ${MARKS.join(", ")}.`);
  const mark = kind === void 0 ? void 0 : readMark({ findings, name, entries, node }, kind);
  const from = readInstant(findings, value("valid-from"), "valid-from");
  const until = readInstant(findings, value("valid-until"), "valid-until");
  if (from !== void 0 && until !== void 0 && from >= until)
    complain(findings, value("valid-until") ?? node, `valid-until of ${name} is not after valid-from.`);
  const committers = readTexts(findings, value("committers"), "committers").map((item) => {
    if (!/^[^\s<>@]+@[^\s<>@]+$/.test(item.text))
      complain(findings, item, `${quoted(item.text)} is no e-mail address.`);
    return item.text;
  });
  const identity = mark && {
    ...mark,
    committers,
    ...from !== void 0 && { validFrom: from },
    ...until !== void 0 && { validUntil: until }
  };
  return { identity, forge: readFlag(findings, value("forge"), "forge"), workflow: kind === "workflow" };
}
function readMark(about, kind) {
  const { findings, entries, name } = about;
  const entry = entries.get(kind);
  if (entry === void 0) return void 0;
  if (kind === "openpgp" || kind === "ssh") {
    for (const key of ["issuer", "claims"]) {
      const given = entries.get(key);
      if (given !== void 0) complain(findings, given.key, `A key of ${name} has no ${key}.`);
    }
    return kind === "ssh" ? readSsh(findings, entry.value) : readOpenPgp(findings, entry.value);
  }
  const value = readText2(findings, entry.value, kind);
  const claims = readClaims2(findings, entries.get("claims"));
  const issuer = readIssuer(about, kind);
  if (value === void 0) return void 0;
  const wrong2 = wrongValue(kind, value);
  if (wrong2 !== void 0) return complain(findings, entry.value, `The ${kind} ${quoted(value)} ${wrong2}.`);
  if (kind === "workflow") return toWorkflow(about, value, claims);
  if (kind === "email-domain")
    warn(findings, entry.value, `Anybody with an address at ${value} is ${name}: name people where you can.`);
  return issuer === void 0 ? void 0 : { type: kind, value, issuer, claims };
}
function wrongValue(kind, value) {
  if (value.includes("*")) return "has a *, but identities are compared exactly";
  if (kind === "username") return value.trim() === value ? void 0 : "begins or ends with a space";
  if (!/^[!-~]+$/.test(value)) return "has a character that no certificate has there";
  switch (kind) {
    case "email":
      return /^[^@]+@[^@]+$/.test(value) ? void 0 : "is no e-mail address";
    case "email-domain":
      return /^[^@./]+(\.[^@./]+)+$/.test(value) ? void 0 : "is no domain as in example.com";
    case "uri":
      return /^[a-z][a-z0-9+.-]*:./i.test(value) ? void 0 : "is no URI";
    case "workflow":
      return WORKFLOW.test(value) ? void 0 : "is not as in owner/repository/.github/workflows/x.yml@refs/heads/main";
  }
}
function toWorkflow(about, value, claims) {
  const { findings, entries, name, node } = about;
  const [, repository = ""] = WORKFLOW.exec(value) ?? [];
  const own = { number: SOURCE_REPOSITORY, values: [`https://github.com/${repository}`] };
  const isSaid = claims.some(({ number }) => number === SOURCE_REPOSITORY);
  if (!claims.some(({ number }) => NUMERIC_OWNERS.includes(number))) {
    const place = entries.get("workflow")?.value ?? node;
    const text4 = `${name} has no source-repository-owner-identifier: whoever takes over the name ${repository} would be it.`;
    warn(findings, place, text4);
  }
  return {
    type: "uri",
    value: `https://github.com/${value}`,
    issuer: ISSUER_ALIASES["github-actions"] ?? "",
    claims: isSaid ? claims : [own, ...claims]
  };
}
function readIssuer({ findings, name, entries, node }, kind) {
  const entry = entries.get("issuer");
  if (entry === void 0) {
    if (kind === "workflow") return void 0;
    return complain(findings, node, `An identity of ${name} has no issuer: say who vouches for it.`);
  }
  const text4 = readText2(findings, entry.value, "issuer");
  if (text4 === void 0) return void 0;
  const issuer = toIssuer2(text4);
  if (issuer === void 0) {
    const names = Object.keys(ISSUER_ALIASES).join(", ");
    return complain(
      findings,
      entry.value,
      `The issuer ${quoted(text4)} is neither a URL nor one of ${names}.`
    );
  }
  if (kind === "workflow" && issuer !== ISSUER_ALIASES["github-actions"])
    return complain(findings, entry.value, "A workflow is one of github-actions; for others write its uri.");
  return issuer;
}
function readClaims2(findings, entry) {
  if (entry === void 0) return [];
  const claims = [];
  for (const [name, { key, value }] of readTable(findings, entry.value, "claims", "any")) {
    const number = Object.hasOwn(CLAIMS, name) ? CLAIMS[name] : void 0;
    if (number === void 0) {
      complain(findings, key, `${quoted(name)} is no claim; known are ${Object.keys(CLAIMS).join(", ")}.`);
      continue;
    }
    const texts = value.kind === "list" ? readTexts(findings, value, name).map(({ text: text4 }) => text4) : void 0;
    const one = texts === void 0 ? readText2(findings, value, name) : void 0;
    const values2 = texts ?? (one === void 0 ? [] : [one]);
    if (values2.some((text4) => text4.includes("*")))
      complain(findings, value, `The claim ${name} has a *, but claims are compared exactly.`);
    claims.push({ number, values: values2 });
  }
  return claims;
}
function readSsh(findings, node) {
  const text4 = readText2(findings, node, "ssh");
  if (text4 === void 0) return void 0;
  const [, type = "", base64 = ""] = SSH_KEY.exec(text4) ?? [];
  const bytes = Buffer.from(base64, "base64");
  const inside = bytes.length > 4 ? bytes.toString("latin1", 4, 4 + bytes.readUInt32BE(0)) : "";
  if (type === "" || inside !== type)
    return complain(findings, node, `The ssh key ${quoted(text4)} is no line of a public key file.`);
  return { type: "ssh", key: `${type} ${base64}` };
}
function readOpenPgp(findings, node) {
  const entries = readTable(findings, node, "openpgp", ["fingerprint", "file"]);
  const fingerprint = readText2(findings, entries.get("fingerprint")?.value, "fingerprint");
  const file = readText2(findings, entries.get("file")?.value, "file");
  if (node.kind === "table" && (!entries.has("fingerprint") || !entries.has("file")))
    return complain(
      findings,
      node,
      "openpgp needs fingerprint and file: a file alone could be exchanged unseen."
    );
  if (fingerprint === void 0 || file === void 0) return void 0;
  if (!/^([0-9A-F]{40}|[0-9A-F]{64})$/i.test(fingerprint))
    return complain(findings, node, `The fingerprint ${quoted(fingerprint)} is not 40 hexadecimal digits.`);
  const isPath = !file.startsWith("/") && !file.split("/").some((part) => /^\.*$/.test(part)) && !/[\\*:]/.test(file);
  if (!isPath) return complain(findings, node, `The file ${quoted(file)} is no path inside the repository.`);
  return { type: "openpgp", fingerprint: fingerprint.toUpperCase(), file };
}
var NAME_RULE, MARKS, KEYS4, WORKFLOW, SSH_KEY;
var init_readSigners = __esm({
  "src/core/policy/readSigners.ts"() {
    "use strict";
    init_claims();
    init_issuers();
    init_tree();
    NAME_RULE = "letters, digits, dots, hyphens and underscores, beginning with a letter or digit";
    MARKS = ["email", "email-domain", "uri", "username", "workflow", "ssh", "openpgp"];
    KEYS4 = [...MARKS, "issuer", "claims", "committers", "valid-from", "valid-until", "forge"];
    WORKFLOW = /^([\w.-]+\/[\w.-]+)\/\.github\/workflows\/[^@]+\.ya?ml@refs\/[^@]+$/;
    SSH_KEY = /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) ([A-Za-z0-9+/]+={0,2})(?: .*)?$/;
  }
});

// src/core/policy/readRules.ts
function readGroups(findings, entry, signers) {
  const groups = /* @__PURE__ */ new Map();
  if (entry === void 0) return groups;
  for (const [name, { key, value }] of readTable(findings, entry.value, "[groups]", "any")) {
    if (!isName(name)) complain(findings, key, `${quoted(name)} is no name: ${NAME_RULE}.`);
    const items = readTexts(findings, value, name);
    for (const item of items.filter(({ text: text4 }) => text4.startsWith("@")))
      complain(findings, item, `The group ${name} holds ${quoted(item.text)}, but groups hold signers only.`);
    const own = items.filter(({ text: text4 }) => !text4.startsWith("@"));
    groups.set(name, toNames(findings, own, { signers, groups: /* @__PURE__ */ new Map() }));
  }
  return groups;
}
function readNames(findings, node, what, names) {
  return toNames(findings, readTexts(findings, node, what), names);
}
function toNames(findings, items, { signers, groups }) {
  const found = items.flatMap((item) => {
    const { text: text4 } = item;
    if (text4.startsWith("@")) {
      const group = groups.get(text4.slice(1));
      if (group === void 0) complain(findings, item, `No group is called ${quoted(text4.slice(1))}.`);
      return group ?? [];
    }
    const signer = signers.get(text4);
    if (signer === void 0) complain(findings, item, `No signer is called ${quoted(text4)}.`);
    else if (signer.signer.forge)
      complain(findings, item, `${text4} is a forge: say in \`forge\` of a rule what it may do.`);
    return [text4];
  });
  return [...new Set(found)];
}
function readRules(findings, entry, names) {
  return readItems(findings, entry?.value, "[[rule]]").map((node) => readRule(findings, node, names));
}
function readRule(findings, node, names) {
  const entries = readTable(findings, node, "A rule", RULE_KEYS);
  const value = (key) => entries.get(key)?.value;
  for (const key of ["refs", "signers"])
    if (node.kind === "table" && !entries.has(key)) complain(findings, node, `A rule has no ${key}.`);
  const refs = readRefs(findings, value("refs"), "refs");
  const paths = readPaths(findings, value("paths"));
  const signers = readNames(findings, value("signers"), "signers", names);
  refuseMisplaced(findings, entries, refs);
  return {
    line: node.line,
    refs,
    paths,
    signers,
    merged: readMerged(findings, value("merged"), names) ?? signers,
    ...readForge(findings, value("forge"), paths.length > 0),
    forgeAuthors: readTexts(findings, value("forge-authors"), "forge-authors").map(({ text: text4 }) => text4),
    pushCert: readWord(findings, value("push-cert"), "push-cert", ["off", "require"]),
    tags: readWord(findings, value("tags"), "tags", ["signed", "annotated", "any"]),
    target: readRefs(findings, value("target"), "target"),
    force: readFlag(findings, value("force"), "force"),
    delete: readFlag(findings, value("delete"), "delete"),
    update: readFlag(findings, value("update"), "update")
  };
}
function refuseMisplaced(findings, entries, refs) {
  const refuse2 = (keys, why) => {
    for (const key of keys) {
      const place = entries.get(key)?.key;
      if (place !== void 0) complain(findings, place, `${key} ${why}.`);
    }
  };
  if (refs.length > 0 && !refs.some((ref) => ref.startsWith("refs/tags/") || /^refs\/\*/.test(ref)))
    refuse2(["tags", "target", "update"], "is about tags, but no ref of this rule begins with refs/tags/");
  if (entries.has("paths"))
    refuse2(
      ["tags", "target", "force", "delete", "update"],
      "is about whole refs: put it into a rule without paths"
    );
}
function readMerged(findings, node, names) {
  if (node === void 0) return void 0;
  if (node.kind === "text" && node.value === "*") return "*";
  return readNames(findings, node, "merged", names);
}
function readForge(findings, node, hasPaths) {
  if (node === void 0) return hasPaths ? {} : { forge: [] };
  for (const item of readTexts(findings, node, "forge")) {
    if (item.text !== "clean-merge")
      complain(findings, item, `forge holds ${quoted(item.text)}, but all there is is clean-merge.`);
  }
  return { forge: ["clean-merge"] };
}
function readRefs(findings, node, what) {
  return readTexts(findings, node, what).map((item) => {
    if (!item.text.startsWith("refs/"))
      complain(findings, item, `${quoted(item.text)} is no full name of a ref: it begins with refs/.`);
    else refuseSyntax(findings, item, item.text);
    return item.text;
  });
}
function readPaths(findings, node) {
  return readTexts(findings, node, "paths").map((item) => {
    if (item.text.startsWith("/") || item.text.startsWith("./"))
      complain(findings, item, `${quoted(item.text)} begins with a / or ./, which no path of a commit does.`);
    else refuseSyntax(findings, item, item.text);
    return item.text;
  });
}
function refuseSyntax(findings, place, pattern) {
  if (/[?[\]{}\\]|\*{3}|\/\/|\/$/.test(pattern))
    complain(findings, place, `${quoted(pattern)} has more in it than names, * and ** (which end at no /).`);
}
function readRevocations(findings, entry, names) {
  return readItems(findings, entry?.value, "[[revoke]]").flatMap((node) => {
    const entries = readTable(findings, node, "A revocation", ["signer", "after", "reason"]);
    const signerNode = entries.get("signer")?.value;
    const signer = readText2(findings, signerNode, "signer");
    const after = readInstant(findings, entries.get("after")?.value, "after");
    if (node.kind === "table" && (!entries.has("signer") || !entries.has("after")))
      complain(findings, node, "A revocation needs signer and after.");
    if (signer !== void 0 && signerNode !== void 0 && !names.signers.has(signer))
      complain(
        findings,
        signerNode,
        `No signer is called ${quoted(signer)}; keep the signer that is revoked.`
      );
    const reason = readText2(findings, entries.get("reason")?.value, "reason") ?? "";
    return signer === void 0 || after === void 0 ? [] : [{ signer, after, reason }];
  });
}
function readExemptions(findings, entry) {
  return readItems(findings, entry?.value, "[[exempt]]").map((node) => {
    const entries = readTable(findings, node, "An exemption", ["commits", "reason"]);
    if (node.kind === "table" && !entries.has("commits"))
      complain(findings, node, "An exemption has no commits.");
    const commits = readTexts(findings, entries.get("commits")?.value, "commits").map((item) => {
      if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(item.text))
        complain(
          findings,
          item,
          `${quoted(item.text)} is no full id of a commit in lower-case hexadecimal digits.`
        );
      return item.text;
    });
    return { commits, reason: readText2(findings, entries.get("reason")?.value, "reason") ?? "" };
  });
}
var RULE_KEYS;
var init_readRules = __esm({
  "src/core/policy/readRules.ts"() {
    "use strict";
    init_readSigners();
    init_tree();
    RULE_KEYS = [
      "refs",
      "tags",
      "target",
      "paths",
      "signers",
      "merged",
      "forge",
      "forge-authors",
      "push-cert",
      "force",
      "delete",
      "update"
    ];
  }
});

// src/core/policy/readPolicy.ts
function readPolicy2(root) {
  const findings = { problems: [], warnings: [] };
  const entries = readTable(findings, root, "The policy", KEYS5);
  readVersion(findings, entries.get("version"), root);
  const signers = readSigners(findings, entries.get("signers"));
  if (signers.size === 0)
    complain(findings, entries.get("signers")?.value ?? root, "The policy has no signers.");
  const names = { signers, groups: readGroups(findings, entries.get("groups"), signers) };
  const settings = readSettings2(findings, entries.get("policy"), names);
  const policy = {
    version: 1,
    instances: readInstances(findings, entries.get("instance")),
    ...settings,
    signers: [...signers.values()].map(({ signer }) => signer),
    rules: readRules(findings, entries.get("rule"), names),
    revocations: readRevocations(findings, entries.get("revoke"), names),
    exempt: readExemptions(findings, entries.get("exempt"))
  };
  const { problems, warnings } = findings;
  if (problems.length === 0) addDoubts(findings, policy, signers);
  return {
    policy: problems.length === 0 ? policy : void 0,
    problems: inOrder(problems),
    warnings: inOrder(warnings)
  };
}
function readVersion(findings, entry, root) {
  if (entry === void 0)
    complain(findings, root, "The policy has no version; this one is written version = 1.");
  else if (entry.value.kind !== "number" || entry.value.value !== 1)
    complain(findings, entry.value, "The version of the policy is not 1, which is all that is known here.");
}
function readSettings2(findings, entry, names) {
  const entries = entry && readTable(findings, entry.value, "[policy]", ["editors", "default", "committer"]);
  const value = (key) => entries?.get(key)?.value;
  return {
    editors: entries?.has("editors") ? readNames(findings, value("editors"), "editors", names) : onlyPerson(findings, entry?.value, names),
    default: readWord(findings, value("default"), "default", ["signed", "deny", "open"]),
    committer: readWord(findings, value("committer"), "committer", ["off", "warn", "require"])
  };
}
function onlyPerson(findings, node, { signers }) {
  const people = [...signers].filter(([, { person }]) => person).map(([name]) => name);
  const place = node ?? { line: 1, column: 1 };
  if (people.length === 1) {
    if (signers.size > 1) warn(findings, place, `No editors are named, so it is ${people[0]} alone.`);
    return people;
  }
  if (signers.size > 0)
    complain(findings, place, 'The policy has no editors: write editors = ["NAME"] below [policy].');
  return [];
}
function readInstances(findings, entry) {
  if (entry === void 0) return PUBLIC_INSTANCES;
  return readTexts(findings, entry.value, "instance").map((item) => {
    if (!/^[0-9a-f]{64}$/i.test(item.text))
      complain(
        findings,
        item,
        `${quoted(item.text)} is no SHA-256 of a certificate: it has 64 hexadecimal digits.`
      );
    return item.text.toLowerCase();
  });
}
function inOrder(list3) {
  return list3.toSorted((a, b) => a.line - b.line || a.column - b.column);
}
var PUBLIC_INSTANCES, KEYS5;
var init_readPolicy = __esm({
  "src/core/policy/readPolicy.ts"() {
    "use strict";
    init_doubts();
    init_readRules();
    init_readSigners();
    init_tree();
    PUBLIC_INSTANCES = [
      "03a38ffb1f450100c2596d1d10b900ac4d504058006dda58199576bbeb9c73d0",
      "3ba7b6cc4e95469d4d334b49cb257ad8537076fa84b0ca87ff4ecfe6a54680c1"
    ];
    KEYS5 = ["version", "instance", "policy", "signers", "groups", "rule", "revoke", "exempt"];
  }
});

// src/adapters/policy/parsePolicy.ts
var parsePolicy_exports = {};
__export(parsePolicy_exports, {
  parsePolicy: () => parsePolicy,
  parseToml: () => parseToml
});
function parsePolicy(bytes) {
  const root = parseToml(bytes);
  return "message" in root ? { policy: void 0, problems: [root], warnings: [] } : readPolicy2(root);
}
function parseToml(bytes) {
  if (bytes.length > MAX_POLICY_BYTES) return { ...START2, message: "The policy is larger than 256 KiB." };
  const text4 = decode(bytes);
  if (text4 === void 0) return { ...START2, message: "The policy is not UTF-8." };
  try {
    return toNode(parseTOML(text4, { tomlVersion: "1.0" }));
  } catch (error) {
    if (error instanceof RangeError) return { ...START2, message: "The policy is nested too deeply." };
    if (!(error instanceof ParseError)) throw error;
    const message = `This is no TOML: ${error.message}.`;
    return { line: error.lineNumber, column: error.column + 1, message };
  }
}
function decode(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return void 0;
  }
}
function toNode(program) {
  const root = { ...START2, kind: "table", entries: /* @__PURE__ */ new Map() };
  for (const item of program.body[0].body) {
    if (item.type === "TOMLKeyValue") addValue(root, item);
    else {
      const table = openTable(root, item);
      for (const entry of item.body) addValue(table, entry);
    }
  }
  return root;
}
function openTable(root, { resolvedKey, key, kind, loc }) {
  let table = root;
  for (const [depth, name] of resolvedKey.entries()) {
    if (typeof name === "number") continue;
    const place = placeOf(key.keys.at(-1) ?? { loc });
    const isArray = typeof resolvedKey[depth + 1] === "number";
    const isOwnItem = isArray && kind === "array" && depth + 2 === resolvedKey.length;
    table = isArray ? itemOf(table, name, place, isOwnItem) : innerTable(table, name, place);
  }
  return table;
}
function innerTable(table, name, place) {
  const known2 = table.entries.get(name)?.value;
  if (known2 !== void 0) return known2;
  const value = { ...place, kind: "table", entries: /* @__PURE__ */ new Map() };
  table.entries.set(name, { key: place, value });
  return value;
}
function itemOf(table, name, place, isNew) {
  const known2 = table.entries.get(name)?.value;
  const items = known2?.items ?? [];
  if (known2 === void 0) table.entries.set(name, { key: place, value: { ...place, kind: "list", items } });
  const last3 = items.at(-1);
  if (!isNew && last3 !== void 0) return last3;
  const item = { ...place, kind: "table", entries: /* @__PURE__ */ new Map() };
  items.push(item);
  return item;
}
function addValue(table, { key, value }) {
  const names = key.keys.map((part) => ({ place: placeOf(part), name: nameOf2(part) }));
  const last3 = names.pop();
  if (last3 === void 0) return;
  const inner = names.reduce((at, { name, place }) => innerTable(at, name, place), table);
  inner.entries.set(last3.name, { key: last3.place, value: toValue(value) });
}
function toValue(value) {
  const place = placeOf(value);
  switch (value.type) {
    case "TOMLArray":
      return { ...place, kind: "list", items: value.elements.map(toValue) };
    case "TOMLInlineTable": {
      const table = { ...place, kind: "table", entries: /* @__PURE__ */ new Map() };
      for (const entry of value.body) addValue(table, entry);
      return table;
    }
    case "TOMLValue":
      if (value.kind === "string") return { ...place, kind: "text", value: value.value };
      if (value.kind === "boolean") return { ...place, kind: "boolean", value: value.value };
      if (value.kind === "integer" || value.kind === "float")
        return { ...place, kind: "number", value: value.value };
      return { ...place, kind: "other" };
  }
}
function nameOf2(key) {
  return key.type === "TOMLBare" ? key.name : key.value;
}
function placeOf({ loc }) {
  return { line: loc.start.line, column: loc.start.column + 1 };
}
var START2;
var init_parsePolicy = __esm({
  "src/adapters/policy/parsePolicy.ts"() {
    "use strict";
    init_lib2();
    init_limits();
    init_readPolicy();
    START2 = { line: 1, column: 1 };
  }
});

// src/adapters/policy/outsidePolicy.ts
var outsidePolicy_exports = {};
__export(outsidePolicy_exports, {
  open: () => open,
  readOutsidePolicy: () => readOutsidePolicy,
  readPolicyFile: () => readPolicyFile
});
function open(setting) {
  return { policy: toPolicy(readOutsidePolicy(setting)) };
}
function readOutsidePolicy(setting) {
  return readPolicyFile(parsePath(CONFIG_SETTINGS.policyFile, setting) ?? setting);
}
function readPolicyFile(path, hint = "Check signet.policy.") {
  const { policy, problems } = parsePolicy(readBytes(path, hint));
  if (policy !== void 0) return policy;
  const [{ line, column, message } = { line: 1, column: 1, message: "It is no policy." }] = problems;
  throw new SignetError(
    "config",
    `${path}:${line}:${column}: ${message}`,
    `Run git-signet policy check ${path}`
  );
}
function readBytes(path, hint) {
  try {
    return readFileBytes(path, MAX_POLICY_BYTES, "config");
  } catch (error) {
    if (isSignetError(error)) throw new SignetError("config", error.message, hint, error);
    const { code = "unreadable" } = error;
    throw new SignetError("config", `The policy ${path} cannot be read (${code}).`, hint, error);
  }
}
var init_outsidePolicy = __esm({
  "src/adapters/policy/outsidePolicy.ts"() {
    "use strict";
    init_limits();
    init_knownSigner();
    init_errors();
    init_config();
    init_readBytes();
    init_choice();
    init_parsePolicy();
  }
});

// src/adapters/tuf/place.ts
function tufFolder({
  TUF_ROOT,
  XDG_DATA_HOME,
  LOCALAPPDATA,
  HOME
}) {
  const below = process.platform === "darwin" ? "Library/Application Support" : ".local/share";
  const standard = process.platform === "win32" ? LOCALAPPDATA : HOME && (0, import_node_path11.join)(HOME, below);
  const base = [TUF_ROOT, XDG_DATA_HOME, standard].find((folder) => folder && (0, import_node_path11.isAbsolute)(folder));
  return base && (0, import_node_path11.join)(base, "git-signet", "tuf");
}
function publicStateFile(env) {
  return (0, import_node_path11.join)(tufFolder(env) ?? "", PUBLIC_NAME, "state.json");
}
var import_node_path11, PUBLIC_NAME;
var init_place = __esm({
  "src/adapters/tuf/place.ts"() {
    "use strict";
    import_node_path11 = require("node:path");
    PUBLIC_NAME = "tuf-repo-cdn.sigstore.dev-527c9e84bdb4";
  }
});

// src/adapters/tuf/cache.ts
function readState(folder) {
  const bytes = readIfThere2((0, import_node_path12.join)(folder, STATE_FILE), 4096);
  if (bytes === void 0) return void 0;
  refuseShared(folder);
  const state = parseJson3(bytes);
  const { initialRoot, trustedRoot, signingConfig, refreshedAt, expiresAt } = state;
  const right = /^(?:[\da-f]{64} ){2}(?:[\da-f]{64})?$/.test(
    `${initialRoot} ${trustedRoot} ${signingConfig}`
  );
  return right && Date.parse(refreshedAt) + Date.parse(expiresAt) > 0 ? state : refuse(DAMAGED);
}
function readTarget2(folder, name, digest) {
  const file = targetFile(name, digest);
  const bytes = readIfThere2((0, import_node_path12.join)(folder, file), MAX_TRUSTED_ROOT_BYTES);
  return bytes && (0, import_node_crypto14.hash)("sha256", bytes, "hex") === digest ? bytes : refuse(`${file} is missing or was changed`);
}
function targetFile(name, digest) {
  return `${name}-${digest}.json`;
}
function refuseShared(folder) {
  const me = process.getuid?.();
  if (me === void 0) return;
  let path = folder;
  for (const ours of [true, true, true, false]) {
    const stats = ours ? (0, import_node_fs10.lstatSync)(path) : (0, import_node_fs10.statSync)(path);
    if (!stats.isDirectory() || stats.uid !== me || (stats.mode & (ours ? 18 : 2)) !== 0)
      refuse(`others may write into ${path}`);
    path = (0, import_node_path12.dirname)(path);
  }
}
function readIfThere2(path, maxBytes) {
  try {
    if ((0, import_node_fs10.statSync)(path, { throwIfNoEntry: false }) === void 0) return void 0;
    return readFileBytes(path, maxBytes);
  } catch (error) {
    const { code = "" } = error;
    return ["ENOENT", "ENOTDIR"].includes(code) ? void 0 : refuse(`${path} cannot be read (${code})`);
  }
}
function parseJson3(bytes) {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) ?? {};
  } catch {
    return refuse(DAMAGED);
  }
}
var import_node_crypto14, import_node_fs10, import_node_path12, STATE_FILE, DAMAGED;
var init_cache = __esm({
  "src/adapters/tuf/cache.ts"() {
    "use strict";
    import_node_crypto14 = require("node:crypto");
    import_node_fs10 = require("node:fs");
    import_node_path12 = require("node:path");
    init_failure();
    init_limits();
    init_readBytes();
    STATE_FILE = "state.json";
    DAMAGED = `${STATE_FILE} is damaged`;
  }
});

// src/adapters/tuf/mirrors.ts
function toMirror(url) {
  return url.replace(/\/+$/, "");
}
function mirrorFolder(env, mirror) {
  const name = mirror.replace(/^https?:\/\//, "").replace(/[^\w.-]+/g, "-");
  const folder = tufFolder(env);
  return folder && (0, import_node_path13.join)(folder, `${name.slice(0, 60)}-${(0, import_node_crypto15.hash)("sha256", mirror, "hex").slice(0, 12)}`);
}
var import_node_crypto15, import_node_path13, PUBLIC_MIRROR, EMBEDDED_ROOTS, SHIPPED_SINCE;
var init_mirrors = __esm({
  "src/adapters/tuf/mirrors.ts"() {
    "use strict";
    import_node_crypto15 = require("node:crypto");
    import_node_path13 = require("node:path");
    init_place();
    PUBLIC_MIRROR = "https://tuf-repo-cdn.sigstore.dev";
    EMBEDDED_ROOTS = [
      "73747011d0857ada15479a16c4cae0f3ed03aac698b523b97e1de314ac9d9ca8"
    ];
    SHIPPED_SINCE = "2026-08-21T19:25:56Z";
  }
});

// src/adapters/trust/wishes.ts
function toWishes({ file, others }) {
  const values2 = new Map(others);
  const first = (names) => names.find((name) => values2.has(name)) ?? "";
  const pathOf = (source) => parsePath({ key: source }, values2.get(source) ?? "");
  const replacements = SOURCES.flatMap(([part, names]) => {
    const source = first(names);
    const path = pathOf(source);
    return path === void 0 ? [] : [{ part, source, path }];
  });
  const mirror = toMirror(values2.get(first(["SIGNET_TRUST_MIRROR", "signet.trustmirror"])) ?? "");
  return {
    mirror: mirror || void 0,
    // Our own settings are stronger than those of other programs: a whole root leaves nothing to replace.
    replacements: file === void 0 ? replacements : [],
    timestampChain: pathOf(first(["SIGNET_TIMESTAMP_CERT_CHAIN", "signet.timestampcertchain"]))
  };
}
var SOURCES;
var init_wishes = __esm({
  "src/adapters/trust/wishes.ts"() {
    "use strict";
    init_mirrors();
    init_choice();
    SOURCES = [
      [
        "certificateAuthorities",
        ["GITSIGN_FULCIO_ROOT", "SIGSTORE_FULCIO_ROOT", "SIGSTORE_ROOT_FILE", "gitsign.fulcioroot"]
      ],
      ["tlogs", ["SIGSTORE_REKOR_PUBLIC_KEY"]],
      ["ctlogs", ["SIGSTORE_CT_LOG_PUBLIC_KEY_FILE"]],
      [
        "timestampAuthorities",
        [
          "GITSIGN_TIMESTAMP_CERT_CHAIN",
          "SIGSTORE_TIMESTAMP_CERT_CHAIN",
          "SIGSTORE_TSA_CERTIFICATE_FILE",
          "gitsign.timestampcertchain"
        ]
      ]
    ];
  }
});

// src/core/timestampChain.ts
function withTimestampChain(trust, pem) {
  try {
    const certificates = parsePem(pem).map(parseCertificate);
    const roots = certificates.filter(({ subject, issuer }) => sameBytes(subject, issuer));
    if (roots.length === 0) return refuse("it holds no self-signed root certificate");
    const others = certificates.filter((certificate) => !roots.includes(certificate));
    const configured = roots.map((root) => toAuthority2([root, ...others, root]));
    return {
      ...trust,
      timestampAuthorities: [...trust.timestampAuthorities, ...configured],
      digest: (0, import_node_crypto16.hash)("sha256", `${trust.digest}
${pem}`, "hex")
    };
  } catch (error) {
    if (!isCheckFailure(error)) throw error;
    throw new SignetError(
      "no-trust",
      `The certificates of the timestamp authority cannot be used: ${error.message}.`,
      "Give them as PEM, the root among them: set signet.timestampCertChain to that file.",
      error
    );
  }
}
function parsePem(pem) {
  if (pem.length > MAX_TIMESTAMP_CHAIN_BYTES) return refuse("they are larger than 256 KiB");
  const blocks2 = [...pem.matchAll(BLOCK)].map(([, base64 = ""]) => base64.replace(/\s/g, ""));
  if (blocks2.length === 0) return refuse("there is none in PEM");
  if (blocks2.length > MAX_CERTIFICATES) return refuse(`they are more than ${MAX_CERTIFICATES}`);
  return blocks2.map((base64) => decodeBase64(base64, "a certificate"));
}
function toAuthority2(certificates) {
  const root = certificates.at(-1);
  return {
    uri: "",
    validFor: { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY },
    issuers: once(
      () => certificates.map((certificate) => ({
        certificate,
        subjectKeyId: () => void 0,
        path: [],
        problem: () => "the authority is for timestamps only"
      }))
    ),
    mentions: () => false,
    root: once(() => describeRoot(root))
  };
}
var import_node_crypto16, BLOCK;
var init_timestampChain = __esm({
  "src/core/timestampChain.ts"() {
    "use strict";
    import_node_crypto16 = require("node:crypto");
    init_errors();
    init_bytes();
    init_failure();
    init_limits();
    init_once();
    init_trustedRoot();
    init_x509();
    BLOCK = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----/g;
  }
});

// src/adapters/trust/replaceParts.ts
var replaceParts_exports = {};
__export(replaceParts_exports, {
  replaceParts: () => replaceParts
});
function replaceParts(root, { replacements, timestampChain }) {
  const base = parseRootFile(root);
  const trust = replacements.length === 0 ? base : replaced(root, base, replacements);
  if (timestampChain === void 0) return trust;
  return withTimestampChain(trust, readPem(timestampChain, "signet.timestampCertChain"));
}
function replaced(root, base, replacements) {
  const json = JSON.parse(new TextDecoder().decode(root.bytes));
  for (const replacement of replacements) json[replacement.part] = readPart(replacement);
  const { digest, ...trust } = parse(JSON.stringify(json), replacements);
  return {
    ...trust,
    digest,
    // The toy's mark stays, whatever is put beside its authorities.
    sandbox: trust.sandbox || base.sandbox,
    replaced: replacements.map(({ part, source, path }) => `${NAMES[part]} from ${source} (${path})`)
  };
}
function parse(text4, replacements) {
  try {
    return parseTrustedRoot(new TextEncoder().encode(text4));
  } catch (error) {
    const reason = isSignetError(error) && error.cause instanceof Error ? error.cause.message : "unknown";
    throw unusable(
      replacements.map(({ source }) => source).join(", "),
      `does not make a trusted root: ${reason}`,
      error
    );
  }
}
function readPart({ part, source, path }) {
  const pem = readPem(path, source);
  const isLog = part === "tlogs" || part === "ctlogs";
  const label = isLog ? "PUBLIC KEY" : "CERTIFICATE";
  try {
    const found = blocks(pem, label);
    if (found.length === 0) throw new Error(`there is no ${label} in PEM`);
    if (isLog) return found.map((key) => toLog2((0, import_node_crypto17.createPublicKey)(key), source));
    const certificates = found.map((certificate) => new import_node_crypto17.X509Certificate(certificate));
    return toChains(certificates).map((chain) => toAuthority3(chain, source));
  } catch (error) {
    const { message } = error;
    throw unusable(`${source} (${path})`, `cannot be used: ${message}`, error);
  }
}
function readPem(path, source) {
  try {
    return new TextDecoder().decode(readFileBytes(path, MAX_TRUSTED_ROOT_BYTES));
  } catch (error) {
    const { code, message } = error;
    throw unusable(`${source} (${path})`, `cannot be read: ${code ?? message}`, error);
  }
}
function blocks(pem, label) {
  return pem.match(new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----`, "g")) ?? [];
}
function toLog2(key, source) {
  const spki = key.export({ type: "spki", format: "der" });
  return {
    baseUrl: source,
    hashAlgorithm: "SHA2_256",
    publicKey: { rawBytes: spki.toString("base64"), keyDetails: keyDetailsOf(key), validFor },
    logId: { keyId: (0, import_node_crypto17.hash)("sha256", spki, "base64") }
  };
}
function keyDetailsOf({ asymmetricKeyType, asymmetricKeyDetails }) {
  if (asymmetricKeyType === "ed25519") return "PKIX_ED25519";
  if (asymmetricKeyType === "rsa") return `PKIX_RSA_PKCS1V15_${asymmetricKeyDetails?.modulusLength}_SHA256`;
  return asymmetricKeyDetails?.namedCurve === "secp384r1" ? "PKIX_ECDSA_P384_SHA_384" : "PKIX_ECDSA_P256_SHA_256";
}
function toChains(certificates) {
  const isIssuer = (one) => certificates.some((other) => other !== one && !isRoot(other) && isIssuedBy2(other, one));
  return certificates.filter((one) => !isIssuer(one)).map((one) => chainFrom(one, certificates));
}
function chainFrom(first, all) {
  const chain = [first];
  for (let last3 = first; !isRoot(last3); ) {
    const issuer = all.find((one) => !chain.includes(one) && isIssuedBy2(last3, one));
    if (issuer === void 0)
      throw new Error(`the issuer of ${last3.subject.replaceAll("\n", ", ")} is missing`);
    chain.push(issuer);
    last3 = issuer;
  }
  return chain;
}
function isRoot(certificate) {
  return isIssuedBy2(certificate, certificate);
}
function isIssuedBy2(certificate, issuer) {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}
function toAuthority3(chain, source) {
  return {
    uri: source,
    certChain: { certificates: chain.map(({ raw }) => ({ rawBytes: raw.toString("base64") })) },
    validFor
  };
}
function unusable(what, why, cause) {
  return new SignetError(
    "no-trust",
    `${what} ${why}.`,
    "Correct it, or leave it out: then the trusted root counts.",
    cause
  );
}
var import_node_crypto17, validFor, NAMES;
var init_replaceParts = __esm({
  "src/adapters/trust/replaceParts.ts"() {
    "use strict";
    import_node_crypto17 = require("node:crypto");
    init_limits();
    init_timestampChain();
    init_trustedRoot();
    init_errors();
    init_readBytes();
    init_loadTrust();
    validFor = { start: "1970-01-01T00:00:00Z" };
    NAMES = {
      certificateAuthorities: "Certificate authorities",
      tlogs: "Log keys",
      ctlogs: "CT log keys",
      timestampAuthorities: "Timestamp authorities"
    };
  }
});

// src/adapters/trust/chooseRoot.ts
var chooseRoot_exports = {};
__export(chooseRoot_exports, {
  chooseRoot: () => chooseRoot,
  replacesShipped: () => replacesShipped
});
async function chooseRoot(choice, env) {
  const wishes = toWishes(choice);
  const { mirror, replacements, timestampChain } = wishes;
  const cached = choice.file === void 0 ? cachedRoot(mirror, env) : void 0;
  const root = cached ?? readRootFile(choice.file);
  if (replacements.length === 0 && timestampChain === void 0) return root;
  const { replaceParts: replaceParts2 } = await Promise.resolve().then(() => (init_replaceParts(), replaceParts_exports));
  return replaceParts2(root, wishes);
}
function cachedRoot(mirror, env) {
  const folder = mirrorFolder(env, mirror ?? PUBLIC_MIRROR);
  try {
    const state = folder === void 0 ? void 0 : readState(folder);
    if (folder !== void 0 && state !== void 0 && (mirror !== void 0 || replacesShipped(state))) {
      const bytes = readTarget2(folder, "trusted_root", state.trustedRoot);
      return { bytes, path: folder, proven: state.proven };
    }
  } catch (error) {
    if (!isSignetError(error)) throw error;
    throw new SignetError(
      "no-trust",
      `The trust material in ${folder} cannot be used: ${error.message}.`,
      "Run git-signet trust update; if that does not help, remove the folder.",
      error
    );
  }
  if (mirror === void 0) return void 0;
  throw new SignetError(
    "no-trust",
    `Nothing was ever fetched from ${mirror}, which signet.trustMirror names.`,
    `Run git-signet trust init --mirror ${mirror} --root FILE.`
  );
}
function replacesShipped({ initialRoot, refreshedAt }) {
  return EMBEDDED_ROOTS.includes(initialRoot) && Date.parse(refreshedAt) >= Date.parse(SHIPPED_SINCE);
}
var init_chooseRoot = __esm({
  "src/adapters/trust/chooseRoot.ts"() {
    "use strict";
    init_errors();
    init_cache();
    init_mirrors();
    init_loadTrust();
    init_wishes();
  }
});

// src/adapters/trust/loadTrust.ts
async function openRoot(choice, env) {
  const { file, others } = choice;
  if (others.length === 0 && (file !== void 0 || !(0, import_node_fs11.existsSync)(publicStateFile(env))))
    return readRootFile(file);
  return (await Promise.resolve().then(() => (init_chooseRoot(), chooseRoot_exports))).chooseRoot(choice, env);
}
function toTrust2(root) {
  return "bytes" in root ? parseRootFile(root) : root;
}
async function openTrust(choice, env) {
  return toTrust2(await openRoot(choice, env));
}
function readRootFile(configured) {
  const path = configured ?? (0, import_node_path14.join)(__shipped, SHIPPED);
  const proven = configured === void 0;
  try {
    return { bytes: readFileBytes(path, MAX_TRUSTED_ROOT_BYTES), path, proven };
  } catch (error) {
    throw unusableFile({ path, proven }, error);
  }
}
function parseRootFile(root) {
  try {
    return parseTrustedRoot(root.bytes, root);
  } catch (error) {
    throw unusableFile(root, error);
  }
}
function unusableFile({ path, proven }, error) {
  return new SignetError(
    "no-trust",
    `The trusted root ${path} cannot be used: ${reasonOf2(error)}.`,
    proven ? "Install git-signet again." : "Check signet.trustedRoot or SIGNET_TRUSTED_ROOT.",
    error
  );
}
function reasonOf2(error) {
  if (isSignetError(error)) return error.cause instanceof Error ? error.cause.message : error.message;
  const { code = "unreadable" } = error;
  return IN_WORDS[code] ?? code;
}
var import_node_fs11, import_node_path14, SHIPPED, IN_WORDS;
var init_loadTrust = __esm({
  "src/adapters/trust/loadTrust.ts"() {
    "use strict";
    import_node_fs11 = require("node:fs");
    import_node_path14 = require("node:path");
    init_limits();
    init_trustedRoot();
    init_errors();
    init_readBytes();
    init_place();
    SHIPPED = "trusted_root.json";
    IN_WORDS = {
      ENOENT: "there is no such file",
      EACCES: "you may not read it",
      EISDIR: "it is a folder"
    };
  }
});

// src/adapters/loopback.ts
var init_loopback = __esm({
  "src/adapters/loopback.ts"() {
    "use strict";
  }
});

// src/adapters/instance.ts
var init_instance = __esm({
  "src/adapters/instance.ts"() {
    "use strict";
    init_errors();
    init_loopback();
    init_settings();
  }
});

// src/adapters/httpFailure.ts
var init_httpFailure = __esm({
  "src/adapters/httpFailure.ts"() {
    "use strict";
    init_errors();
    init_loopback();
  }
});

// src/adapters/quote.ts
var init_quote = __esm({
  "src/adapters/quote.ts"() {
    "use strict";
  }
});

// src/adapters/http.ts
var init_http = __esm({
  "src/adapters/http.ts"() {
    "use strict";
    init_limits();
    init_errors();
    init_httpFailure();
    init_loopback();
    init_quote();
  }
});

// src/adapters/refusal.ts
var init_refusal = __esm({
  "src/adapters/refusal.ts"() {
    "use strict";
    init_errors();
    init_quote();
  }
});

// src/adapters/retry.ts
var init_retry = __esm({
  "src/adapters/retry.ts"() {
    "use strict";
    init_errors();
    init_http();
    init_httpFailure();
    init_refusal();
  }
});

// src/adapters/policy/pin.ts
var init_pin = __esm({
  "src/adapters/policy/pin.ts"() {
    "use strict";
    init_limits();
    init_errors();
    init_privateFolder();
    init_makeFolder();
  }
});

// src/cli/failClosed.ts
init_errors();

// src/adapters/terminal.ts
var DEVICES = process.platform === "win32" ? { input: "\\\\.\\CONIN$", output: "\\\\.\\CONOUT$" } : { input: "/dev/tty", output: "/dev/tty" };
function escapeForTerminal(text4) {
  if (/^[ -~]*$/.test(text4)) return text4;
  return text4.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  );
}

// src/cli/printError.ts
init_writeBytes();
init_errors();
function printError(error) {
  if (isSignetError(error)) {
    printLines([error.message, error.hint].filter(Boolean));
    return error.exitCode;
  }
  const known2 = toSystemSentence(error);
  printLines(known2 ?? describeBug(error));
  return known2 ? EXIT.usage : EXIT.bug;
}
function printLines(lines) {
  const text4 = lines.map((line, i) => `${i === 0 ? "git-signet: " : "            "}${escapeForTerminal(line)}
`).join("");
  try {
    writeAll(2, text4);
  } catch {
  }
}
function toSystemSentence(error) {
  if (!(error instanceof Error) || !("code" in error)) return void 0;
  const call = "syscall" in error ? error.syscall : void 0;
  if (call === "write") return badNews(`The output cannot be written (${error.code}).`);
  if (call === "read") return badNews(`The input cannot be read (${error.code}).`);
  if (!("path" in error)) return void 0;
  return badNews(
    `${error.path} cannot be read or written (${error.code}).`,
    "Check its name, and who may use it."
  );
}
function describeBug(error) {
  const stack = error instanceof Error ? error.stack ?? error.message : String(error);
  return badNews(
    "This is a bug in git-signet; nothing was signed or judged good.",
    "Please report it with these lines:",
    ...stack.split("\n").slice(0, 8)
  );
}
function badNews(...lines) {
  return lines;
}

// src/cli/failClosed.ts
function failClosed() {
  process.exitCode = EXIT.bug;
  process.on("uncaughtException", (error) => {
    printError(error);
    process.exit(EXIT.bug);
  });
}

// src/cli/githubAction.ts
var import_node_crypto27 = require("node:crypto");
var import_node_fs13 = require("node:fs");
var import_node_os5 = require("node:os");
var import_node_path15 = require("node:path");

// src/adapters/gate/ciValues.ts
init_errors();
function ciOid(value, name) {
  if (typeof value === "string" && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(value)) return value;
  throw unreadable(`${name} is no full object id`);
}
function ciRef(value) {
  if (typeof value === "string" && isRefName(value)) return value;
  throw unreadable(`${JSON.stringify(value ?? null)} is no name of a branch or tag`);
}
function isRefName(ref) {
  return /^refs\/(heads|tags)(\/(?!\.)[^/\0-\x20\x7f~^:?*[\\]+)+$/.test(ref) && !/\.\.|@\{|\.lock(\/|$)|\.$/.test(ref);
}
function unreadable(why) {
  return new SignetError(
    "malformed",
    `What this CI says about its event cannot be read: ${why}.`,
    "Give --ref, --base, --head and --as."
  );
}
function movesNothing(what) {
  return new SignetError(
    "usage",
    `A ${what} moves no ref, so there is nothing to judge.`,
    "Run it for pull requests, pushes and merge queues, or give --ref, --base, --head and --as."
  );
}

// src/adapters/gate/githubEvent.ts
init_readBytes();
var MAX_EVENT_BYTES = 32 << 20;
function readGithubEvent(env) {
  const name = env["GITHUB_EVENT_NAME"] ?? "";
  const event = readEvent(env["GITHUB_EVENT_PATH"] ?? "");
  switch (name) {
    case "pull_request":
    case "pull_request_target": {
      const { base, head } = record(event["pull_request"], "pull_request");
      const onto = record(base, "pull_request.base");
      return {
        kind: "request",
        ref: ciRef(`refs/heads/${text(onto["ref"])}`),
        base: ciOid(onto["sha"], "pull_request.base.sha"),
        head: ciOid(record(head, "pull_request.head")["sha"], "pull_request.head.sha")
      };
    }
    case "merge_group": {
      const group = record(event["merge_group"], "merge_group");
      return {
        kind: "push",
        ref: ciRef(group["base_ref"]),
        base: ciOid(group["base_sha"], "merge_group.base_sha"),
        head: ciOid(group["head_sha"], "merge_group.head_sha")
      };
    }
    case "push":
      return {
        kind: "push",
        ref: ciRef(event["ref"]),
        base: ciOid(event["before"], "before"),
        head: ciOid(event["after"], "after")
      };
    default:
      throw movesNothing(`${JSON.stringify(name)} event`);
  }
}
function readEvent(path) {
  if (path === "") throw unreadable("GITHUB_EVENT_PATH is not set");
  let event;
  try {
    event = JSON.parse(Buffer.from(readFileBytes(path, MAX_EVENT_BYTES)).toString("utf8"));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw unreadable("the event file is no JSON");
  }
  return record(event, "the event");
}
function record(value, name) {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value;
  }
  throw unreadable(`${name} is missing`);
}
function text(value) {
  if (typeof value === "string") return value;
  throw unreadable("the base branch has no name");
}

// src/adapters/gate/ciEnvironment.ts
function readCi(env) {
  if (env["GITHUB_ACTIONS"] === "true") return readGithubEvent(env);
  if (env["GITLAB_CI"] === "true") return readGitlab(env);
  return void 0;
}
function readGitlab(env) {
  const source = env["CI_PIPELINE_SOURCE"] ?? "";
  const sha = ciOid(env["CI_COMMIT_SHA"], "CI_COMMIT_SHA");
  if (source === "merge_request_event") {
    const target = env["CI_MERGE_REQUEST_TARGET_BRANCH_NAME"] ?? "";
    const ref2 = ciRef(`refs/heads/${target}`);
    const own = env["CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"] ?? "";
    const head = own === "" ? sha : ciOid(own, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA");
    return { kind: "request", ref: ref2, base: `refs/remotes/origin/${target}`, head };
  }
  if (source !== "push") throw movesNothing(`pipeline of ${JSON.stringify(source)}`);
  const tag = env["CI_COMMIT_TAG"] ?? "";
  const ref = ciRef(tag === "" ? `refs/heads/${env["CI_COMMIT_BRANCH"] ?? ""}` : `refs/tags/${tag}`);
  return { kind: "push", ref, base: ciOid(env["CI_COMMIT_BEFORE_SHA"], "CI_COMMIT_BEFORE_SHA"), head: sha };
}

// src/adapters/gate/fetchForGate.ts
init_errors();
init_callGit();
function fetchForGate(env, { refs, commits, token }) {
  const fetching = { ...env, GIT_TERMINAL_PROMPT: "0", ...authorization(env, token) };
  const fetch = (refspecs) => {
    const args = [...OPTIONS, "origin", ...refspecs];
    const { status, stderr } = callGit(args, fetching, { timeout: TIMEOUT_MS });
    return status === 0 ? void 0 : complaintOf(stderr);
  };
  const failed3 = fetch([...refs.map(toRefspec), NOTES]);
  if (failed3 !== void 0) {
    throw new SignetError(
      "service-unreachable",
      `The policy and its branch cannot be fetched from origin: ${failed3}`,
      "Check out the repository before this step, and let its token read contents."
    );
  }
  for (const oid of commits.filter((one) => !isHere(env, one))) fetch([oid]);
}
var OPTIONS = [
  ...["-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "protocol.version=2"],
  ...["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"]
];
var NOTES = "+refs/notes/signe*:refs/notes/signe*";
var TIMEOUT_MS = 6e5;
function toRefspec(ref) {
  return `+${ref}:${ref.replace(/^refs\/heads\//, "refs/remotes/origin/")}`;
}
function isHere(env, oid) {
  return callGit(["cat-file", "-e", oid], env).status === 0;
}
function authorization(env, token) {
  const server = `${(env["GITHUB_SERVER_URL"] ?? "").replace(/\/*$/, "")}/`;
  const origin = String(callGit(["remote", "get-url", "origin"], env).stdout);
  if (token === "" || !/^https?:\/\/[^/@]+\/$/.test(server) || !origin.startsWith(server)) return {};
  const key = `http.${server}.extraheader`;
  const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
  const values2 = ["", `AUTHORIZATION: basic ${basic}`];
  const start = Number(env["GIT_CONFIG_COUNT"] ?? "0") || 0;
  const pairs = values2.flatMap((value, i) => [
    [`GIT_CONFIG_KEY_${start + i}`, key],
    [`GIT_CONFIG_VALUE_${start + i}`, value]
  ]);
  return { ...Object.fromEntries(pairs), GIT_CONFIG_COUNT: String(start + values2.length) };
}

// src/app/gate/gate.ts
init_reasons();
function isRefused({ reason }) {
  return REASONS[reason].decision !== "allowed";
}
function isAccepted({ findings }) {
  return findings.length > 0 && !findings.some(isRefused);
}
function isZero(oid) {
  return /^0+$/.test(oid);
}
function finding(reason, more = {}) {
  return { reason, ...more };
}

// src/app/gate/judgeRequest.ts
init_glob();
init_mayDo();
init_refRules();

// src/core/policyFile.ts
var POLICY_FILE_NAME = ".signet.toml";

// src/core/gate/header.ts
init_limits();
var ADDRESS = "[^\\n<>]*<([^\\n<>]*)>[^\\n<>]*\\n";
var COMMIT = new RegExp(
  `^tree ([0-9a-f]{40,64})\\n((?:parent [0-9a-f]{40,64}\\n)*)(?:author ${ADDRESS}(?:committer ${ADDRESS})?)?`
);
var TAG = new RegExp(`^object ([0-9a-f]{40,64})\\ntype ([a-z]+)\\ntag ([^\\n]*)\\n(?:tagger ${ADDRESS})?`);
function parseCommitHeader(raw) {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.length);
  const end = bytes.indexOf("\n\n");
  const [, tree, parents = "", author, committer] = COMMIT.exec(headerOf(bytes, end)) ?? [];
  if (tree === void 0) return void 0;
  const ids = parents.split("\n").slice(0, -1);
  return {
    tree,
    parents: ids.map((line) => line.slice("parent ".length)),
    author,
    committer,
    subject: end < 0 ? "" : firstLine(bytes, end + 2)
  };
}
function parseTagHeader(raw) {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.length);
  const end = bytes.indexOf("\n\n");
  const [, target, targetType, name, tagger] = TAG.exec(headerOf(bytes, end)) ?? [];
  if (target === void 0 || targetType === void 0 || name === void 0) return void 0;
  return { target, targetType, name, tagger };
}
function headerOf(bytes, end) {
  const length = end < 0 ? bytes.length : end + 1;
  return length > MAX_HEADER_BYTES ? "" : bytes.toString("utf8", 0, length);
}
var MAX_SUBJECT_BYTES = 200;
function firstLine(bytes, start) {
  const end = bytes.indexOf(10, start);
  const stop = end < 0 ? bytes.length : end;
  return bytes.toString("utf8", start, Math.min(stop, start + MAX_SUBJECT_BYTES));
}

// src/app/gate/commitFacts.ts
init_signature();
init_policy();

// src/core/describe.ts
init_isoTime();
function passed(detail) {
  return { result: "passed", detail };
}
function skipped(detail) {
  return { result: "skipped", detail };
}
var UNSEEN = skipped("not reached");
var NOT_REACHED = {
  payload: UNSEEN,
  signature: UNSEEN,
  certificate: UNSEEN,
  sct: UNSEEN,
  logEntry: UNSEEN,
  timestamp: UNSEEN,
  identity: UNSEEN
};
function describePayload(kind) {
  return kind === "unknown" ? skipped("the payload is no git object: only its bytes were checked") : passed(kind);
}
function describeLeaf({ signer: { identity, authority } }) {
  return passed(`${identity.subject.value}, vouched for by ${identity.issuer}, certified by ${authority}`);
}
function describeSct(sct) {
  return typeof sct === "string" ? skipped(sct) : passed(`published in ${sct.logUrl} at ${isoTime(sct.timestamp)}`);
}
function describeEntry(entry) {
  if (entry.kind === "missing") return skipped(entry.why);
  const { logIndex, logUrl } = entry.proof;
  const when = entry.at === void 0 ? "" : ` at ${isoTime(entry.at)}`;
  return passed(`entry ${logIndex} of ${logUrl}${when}${entry.note ?? ""}`);
}
function describeTokens(tokens) {
  return tokens.length === 0 ? skipped("no timestamp token is embedded") : passed(tokens.map(({ at, by }) => `stamped by ${by} at ${isoTime(at)}`).join(", "));
}

// src/core/facts.ts
init_policy();

// src/core/factKey.ts
var import_node_crypto10 = require("node:crypto");

// src/core/evidence.ts
var import_node_crypto9 = require("node:crypto");

// src/core/armor.ts
init_bytes();
init_failure();
init_limits();
var ARMOR_BEGIN = "-----BEGIN SIGNED MESSAGE-----";
var ARMOR_END = "-----END SIGNED MESSAGE-----";
function encodePem(der, begin, end) {
  const base64 = toBase64(der);
  let text4 = `${begin}
`;
  for (let at = 0; at < base64.length; at += 64) text4 += `${base64.slice(at, at + 64)}
`;
  return `${text4}${end}
`;
}
function parseArmor(armored) {
  if (armored.length > MAX_ARMOR_BYTES) return refuse("the signature is larger than 1 MiB");
  const text4 = view(armored).toString("latin1");
  if (!text4.startsWith(`${ARMOR_BEGIN}
`)) return refuse("the signature does not begin with its armor line");
  const bodyEnd = text4.indexOf("\n-", ARMOR_BEGIN.length) + 1;
  if (!text4.startsWith(ARMOR_END, bodyEnd) || bodyEnd === 0) return refuse("the armor has no end line");
  const body = text4.slice(ARMOR_BEGIN.length + 1, bodyEnd);
  const base64 = body.replaceAll("\n", "");
  const der = decodeBase64(base64, "the armor");
  if (!isWrapped(body, base64.length)) return refuse("the armor is not in lines of 64 characters");
  if (/[^\n]/.test(text4.slice(bodyEnd + ARMOR_END.length))) return refuse("text follows the armor");
  return der;
}
function isWrapped(body, characters) {
  let right = body.length === characters + Math.ceil(characters / 64) && body.endsWith("\n");
  for (let at = 64; at < body.length; at += 65) right &&= body[at] === "\n";
  return right;
}

// src/core/certificate.ts
var import_node_crypto6 = require("node:crypto");
init_chain();

// src/core/leafChecks.ts
var import_node_crypto5 = require("node:crypto");
init_bytes();
init_chain();
init_leaf();
init_limits();
init_once();

// src/core/sct.ts
var import_node_crypto4 = require("node:crypto");
init_bytes();
init_der();

// src/core/derEncode.ts
init_bytes();
init_der();
function encodeElement(tag, ...parts) {
  let length = 0;
  for (const part of parts) length += part.length;
  return Buffer.concat([encodeHeader(tag, length), ...parts]);
}
function compareMembers(a, b) {
  return Buffer.compare(a, b);
}
function retag(element, tag) {
  const copy = Buffer.from(view(element));
  copy[0] = tag;
  return copy;
}
function encodeHeader(tag, length) {
  if (length < 128) return Uint8Array.of(tag, length);
  if (length < 256) return Uint8Array.of(tag, 129, length);
  if (length < 65536) return Uint8Array.of(tag, 130, length >> 8, length & 255);
  const octets = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Uint8Array.of(tag, 128 | octets.length, ...octets);
}

// src/core/sct.ts
init_failure();
init_keys();
init_limits();
init_trustedRoot();
init_x509();
var LAST_TIME = 253402300799999;
function openScts(leaf, issuer, trust) {
  const extension = leaf.extensions.get(SCT_LIST);
  if (extension === void 0) return refuse("the certificate has no SCT");
  const scts = parseSctList(extension.value);
  let obstacle = "no SCT of the certificate is of a trusted CT log";
  let tbs;
  for (const sct of scts) {
    const id = toHex(sct.logId);
    const named = trust.ctLogs.filter(({ logId }) => logId === id);
    if (named.length === 0) continue;
    const time = Number(sct.timestamp);
    const log = named.find(({ validFor: validFor2 }) => time <= LAST_TIME && isWithin(validFor2, time));
    if (log === void 0) {
      obstacle = "the CT log was not trusted at the time of the SCT";
      continue;
    }
    tbs ??= encodePrecertTbs(leaf);
    if (isRight3(sct, encodePrecertSignedData(sct, issuer.spki, tbs), log)) {
      return { logUrl: log.baseUrl, timestamp: new Date(time) };
    }
    obstacle = "the SCT is not the CT log's signature over this certificate";
  }
  return refuse(obstacle);
}
function encodePrecertSignedData(sct, issuerSpki, tbs) {
  const { extensions: extensions2 } = sct;
  const data = new Uint8Array(49 + tbs.length + extensions2.length);
  const numbers = new DataView(data.buffer);
  numbers.setBigUint64(2, sct.timestamp);
  numbers.setUint16(10, 1);
  numbers.setUint32(43, tbs.length);
  data.set((0, import_node_crypto4.hash)("sha256", issuerSpki, "buffer"), 12);
  data.set(tbs, 47);
  numbers.setUint16(47 + tbs.length, extensions2.length);
  data.set(extensions2, 49 + tbs.length);
  return data;
}
function encodePrecertTbs({ tbs, extensions: extensions2 }) {
  const { source, body, end, children } = tbs;
  const wrapped = children.at(-1);
  const list3 = wrapped.children[0];
  const { start: cut2, end: resume } = extensions2.get(SCT_LIST)?.node ?? { start: end, end };
  const kept = [source.subarray(list3.body, cut2), source.subarray(resume, end)];
  const listHeader = encodeHeader(list3.tag, kept[0].length + kept[1].length);
  const wrappedHeader = encodeHeader(wrapped.tag, listHeader.length + kept[0].length + kept[1].length);
  return encodeElement(tbs.tag, source.subarray(body, wrapped.start), wrappedHeader, listHeader, ...kept);
}
function parseSctList(extensionValue) {
  const list3 = contentOf(parseDer(extensionValue), OCTET_STRING, "the SCT list");
  const numbers = numbersOf(list3);
  if (list3.length < 2 || numbers.getUint16(0) !== list3.length - 2)
    return refuse("the SCT list has a wrong length");
  const scts = [];
  for (let at = 2; at < list3.length; ) {
    const length = at + 2 <= list3.length ? numbers.getUint16(at) : 0;
    const sct = list3.subarray(at + 2, at + 2 + length);
    if (length === 0 || sct.length !== length) return refuse("the SCT list is cut short");
    if (scts.length === MAX_SCTS) return refuse("the certificate has too many SCTs");
    if (sct[0] === 0) scts.push(parseSct(sct));
    at += 2 + length;
  }
  return scts;
}
function numbersOf({ buffer, byteOffset, length }) {
  return new DataView(buffer, byteOffset, length);
}
function parseSct(sct) {
  const numbers = numbersOf(sct);
  const extensionsEnd = sct.length < 47 ? 0 : 43 + numbers.getUint16(41);
  const signatureStart = extensionsEnd + 4;
  if (extensionsEnd === 0 || signatureStart > sct.length) return refuse("an SCT is cut short");
  if (numbers.getUint16(extensionsEnd + 2) !== sct.length - signatureStart) {
    return refuse("an SCT has a wrong length");
  }
  return {
    logId: sct.subarray(1, 33),
    timestamp: numbers.getBigUint64(33),
    extensions: sct.subarray(43, extensionsEnd),
    algorithm: { hash: numbers.getUint8(extensionsEnd), signature: numbers.getUint8(extensionsEnd + 1) },
    signature: sct.subarray(signatureStart)
  };
}
function isRight3({ algorithm, signature }, signedData, log) {
  const { publicKey } = log.key();
  const wanted = publicKey.type === "RSA" ? 1 : 3;
  if (algorithm.hash !== 4 || algorithm.signature !== wanted || publicKey.type === "Ed25519") return false;
  return isSignedBy(publicKey, signedData, signature, "sha256");
}

// src/core/leafChecks.ts
function checksOf(leaf, trust) {
  const tried = [];
  const scts = /* @__PURE__ */ new Map();
  return {
    leaf,
    issuers: once(() => findIssuers(leaf, trust)),
    facts: once(() => readLeaf(leaf)),
    isIssuedBy: (issuer) => {
      const known2 = tried.find(({ spki }) => sameBytes(spki, issuer.spki));
      const right = known2?.right ?? isIssuedBy(leaf, issuer);
      if (known2 === void 0) tried.push({ spki: issuer.spki, right });
      return right;
    },
    sct: (issuer) => {
      const sct = scts.get(issuer) ?? openScts(leaf, issuer.certificate, trust);
      scts.set(issuer, sct);
      return sct;
    }
  };
}
function rememberLeafs(trust) {
  const known2 = /* @__PURE__ */ new Map();
  return (leaf) => {
    const isLarge = leaf.tbs.source.length > MAX_REMEMBERED_SIGNATURE_BYTES;
    if (isLarge || leaf.der.length > MAX_REMEMBERED_LEAF_BYTES) return checksOf(leaf, trust);
    const name = (0, import_node_crypto5.hash)("sha256", leaf.der, "base64");
    const checks = known2.get(name) ?? checksOf(leaf, trust);
    known2.delete(name);
    known2.set(name, checks);
    if (known2.size > MAX_REMEMBERED_LEAFS) known2.delete(known2.keys().next().value);
    return checks;
  };
}

// src/core/certificate.ts
init_x509();
init_x509();
function openLeaf(checks, times) {
  const [first, ...others] = times;
  const { authority, issuer } = openChain(checks, first.getTime());
  for (const at of others) openChain(checks, at.getTime());
  const { identity, claims } = checks.facts();
  const { instance, authority: name } = authority.root();
  const { leaf } = checks;
  const fingerprint = fingerprintOf(leaf);
  const signer = { identity, fingerprint, certificate: leaf.der, claims, instance, authority: name };
  return { signer, issuer };
}
function fingerprintOf(leaf) {
  return (0, import_node_crypto6.hash)("sha1", leaf.der, "hex").toUpperCase();
}

// src/core/cms.ts
init_bytes();
init_der();
init_failure();
init_limits();
init_oids();
init_x509();

// src/core/cmsEncode.ts
init_der();
init_oids();

// src/core/rekorEntry.ts
init_bytes();
init_failure();
init_keys();

// src/core/merkle.ts
var import_node_crypto7 = require("node:crypto");
init_bytes();
init_failure();
init_limits();
var NODE = new Uint8Array(65).fill(1);
function leafHash(data) {
  const leaf = new Uint8Array(1 + data.length);
  leaf.set(data, 1);
  return (0, import_node_crypto7.hash)("sha256", leaf, "buffer");
}
function rootFromInclusionProof(leaf, proof) {
  const { logIndex, treeSize, hashes } = proof;
  if (logIndex < 0n || logIndex >= treeSize) return refuse("the inclusion proof points beyond the tree");
  if (hashes.length > MAX_PROOF_HASHES) return refuse("the inclusion proof has too many hashes");
  const inner = bitLength(logIndex ^ treeSize - 1n);
  const border = countOnes(logIndex >> BigInt(inner));
  if (hashes.length < inner + border) return refuse("the inclusion proof has too few hashes");
  if (hashes.length > inner + border) return refuse("the inclusion proof has too many hashes");
  const turns = logIndex.toString(2).padStart(inner, "0");
  let root = view(leaf).toString("latin1");
  let level = 0;
  for (const sibling of hashes) {
    if (sibling.length !== 32) return refuse("the inclusion proof has a hash that is not 32 bytes long");
    level++;
    const isLeft = level <= inner && turns[turns.length - level] === "0";
    const place = isLeft ? 1 : 33;
    for (let at = 0; at < 32; at++) NODE[place + at] = root.charCodeAt(at);
    NODE.set(sibling, isLeft ? 33 : 1);
    root = (0, import_node_crypto7.hash)("sha256", NODE, "binary");
  }
  return Buffer.from(root, "latin1");
}
function bitLength(value) {
  return value === 0n ? 0 : value.toString(2).length;
}
function countOnes(value) {
  return value.toString(2).replaceAll("0", "").length;
}

// src/core/note.ts
init_bytes();
init_failure();
init_keys();
init_limits();
var V1_ORIGIN = /^(.+) - \d+$/;
function openCheckpoint(note, log, checkOrigin = () => {
}) {
  if (note.length > MAX_CHECKPOINT_BYTES) return refuse("the checkpoint is too large");
  const split = note.lastIndexOf("\n\n");
  if (split < 0 || !note.endsWith("\n")) return refuse("the checkpoint is no signed note");
  const text4 = note.slice(0, split + 1);
  const lines = note.slice(split + 2, -1).split("\n");
  if (lines.length > MAX_CHECKPOINT_SIGNATURES) return refuse("the checkpoint has too many signatures");
  const checkpoint = parseText(text4);
  const name = V1_ORIGIN.exec(checkpoint.origin)?.[1] ?? checkpoint.origin;
  checkOrigin(checkpoint.origin, log);
  const hint = log.logId.slice(0, 8);
  const own = lines.map(parseLine).filter((line) => line.name === name && line.hint === hint);
  if (own.length === 0) return refuse("the checkpoint is not signed by the log that the entry names");
  const signed = Buffer.from(text4, "utf8");
  const { publicKey } = log.key();
  for (const { signature } of own) {
    if (!isSignedBy(publicKey, signed, signature)) {
      return refuse("the checkpoint has a wrong signature");
    }
  }
  return checkpoint;
}
function parseText(text4) {
  const [origin = "", size = "", root = "", ...extensions2] = text4.slice(0, -1).split("\n");
  if (/[\x00-\x09\x0b-\x1f]/.test(text4)) return refuse("the checkpoint holds control characters");
  if (origin === "" || extensions2.includes("")) return refuse("the checkpoint has an empty line");
  if (!/^(?:0|[1-9]\d{0,18})$/.test(size)) return refuse("the checkpoint has no right tree size");
  const rootHash = decodeBase64(root, "the root hash of the checkpoint");
  if (rootHash.length !== 32) return refuse("the root hash of the checkpoint is not 32 bytes long");
  return { origin, treeSize: BigInt(size), rootHash };
}
function parseLine(line) {
  const match = /^\u2014 ([^\s+]+) (\S+)$/.exec(line);
  if (match === null) return refuse("the checkpoint has a malformed signature line");
  const bytes = decodeBase64(match[2], "a signature of the checkpoint");
  if (bytes.length < 5) return refuse("the checkpoint has a signature line without signature");
  return { name: match[1], hint: toHex(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
}

// src/core/protobuf.ts
init_failure();
function readFields(message, shape, what) {
  const numbers = [];
  const bytes = [];
  const many = [];
  let last3 = 0;
  for (let at = 0; at < message.length; ) {
    const key = message[at++];
    const number = key >> 3;
    const type = shape[number];
    if (key >= 128 || type === void 0) return refuse(`${what} has an unknown field`);
    if ((key & 7) !== (type === "varint" ? 0 : 2)) return refuse(`${what} has a field of the wrong type`);
    if (number < last3) return refuse(`${what} has its fields out of order`);
    if (number === last3 && type !== "many") return refuse(`${what} has a field twice`);
    last3 = number;
    const { low, high, end } = readVarint(message, at, what);
    const length = low + high * LOW;
    if (length === 0 && type !== "many" && type !== "message")
      return refuse(`${what} spells out a default value`);
    at = end;
    if (type === "varint") {
      numbers[number] = (BigInt(high) << 28n) + BigInt(low);
      continue;
    }
    if (length > message.length - at) return refuse(`${what} is cut short`);
    const value = message.subarray(at, at + length);
    if (type === "many") many.push(value);
    else bytes[number] = value;
    at += length;
  }
  return { numbers, bytes, many };
}
var LOW = 2 ** 28;
function readVarint(bytes, start, what) {
  let [low, high, scale] = [0, 0, 1];
  for (let at = start; at < bytes.length && at < start + 9; at++) {
    const octet = bytes[at];
    if (at < start + 4) low += (octet & 127) * scale;
    else high += (octet & 127) * (scale / LOW);
    scale *= 128;
    if (octet > 127) continue;
    if (octet === 0 && at > start) return refuse(`${what} has a number that is not minimal`);
    return { low, high, end: at + 1 };
  }
  return refuse(`${what} has a negative or cut number`);
}

// src/core/rekorEntry.ts
init_trustedRoot();
function encodeHashedRekord(digest, signature, certificate) {
  const pem = encodePem(certificate, "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");
  const key = Buffer.from(pem, "latin1").toString("base64");
  return Buffer.from(
    `{"apiVersion":"0.0.1","kind":"hashedrekord","spec":{"data":{"hash":{"algorithm":"sha256","value":"${toHex(digest)}"}},"signature":{"content":"${toBase64(signature)}","publicKey":{"content":"${key}"}}}}`,
    "latin1"
  );
}
function isV2({ kindVersion, inclusionProof }) {
  return kindVersion === "hashedrekord 0.0.2" || !/^[^\n]* - \d+\n/.test(inclusionProof.checkpoint);
}
function parseTransparencyLogEntry(message) {
  const { body, ...entry } = parseEntry(message);
  return body === void 0 ? entry : refuse("the log entry carries a body of its own");
}
function parseEntry(message) {
  const { numbers, bytes } = readFields(message, ENTRY, "the log entry");
  if (!bytes[6]) return refuse("the log entry has no inclusion proof");
  const [, logId] = readFields(bytes[2] ?? EMPTY, ONE, "the log id").bytes;
  if (logId?.length !== 32) return refuse("the log id is not 32 bytes long");
  const kind = readFields(bytes[3] ?? EMPTY, TWO, "the kind of the log entry").bytes;
  return {
    body: bytes[7],
    logIndex: numbers[1] ?? 0n,
    logId,
    kindVersion: `${view(kind[1] ?? EMPTY)} ${view(kind[2] ?? EMPTY)}`,
    integratedTime: numbers[4] ?? 0n,
    signedEntryTimestamp: readFields(bytes[5] ?? EMPTY, ONE, "the inclusion promise").bytes[1] ?? EMPTY,
    inclusionProof: parseInclusionProof(bytes[6])
  };
}
function openLogEntry(entry, body, trust) {
  if (entry.body !== void 0 && !sameBytes(entry.body, body)) {
    return refuse("the log entry holds another body than was sent");
  }
  if (entry.integratedTime <= 0n || entry.integratedTime > 253402300799n) {
    return refuse("the log entry has no time");
  }
  const signedAt = new Date(Number(entry.integratedTime) * 1e3);
  const log = findLog(entry, trust, [signedAt]);
  openPromise(entry, body, log);
  openInclusionProof(entry, body, log);
  const logId = log.logId;
  return { signedAt, proof: { logIndex: entry.logIndex, logId, logUrl: log.baseUrl, source: "embedded" } };
}
function openInclusionProof({ inclusionProof }, body, log) {
  const checkpoint = openCheckpoint(inclusionProof.checkpoint, log);
  if (inclusionProof.treeSize !== checkpoint.treeSize) {
    return refuse("the inclusion proof is for another tree size than the checkpoint");
  }
  if (!sameBytes(inclusionProof.rootHash, checkpoint.rootHash)) {
    return refuse("the inclusion proof is for another root than the checkpoint");
  }
  checkInclusion(body, inclusionProof, checkpoint);
}
function checkInclusion(body, proof, { rootHash }) {
  const root = rootFromInclusionProof(leafHash(body), proof);
  if (!sameBytes(root, rootHash)) {
    return refuse("the inclusion proof does not lead from this signature to the root of the log");
  }
}
function findLog(entry, trust, times) {
  const id = toHex(entry.logId);
  const named = trust.logs.filter((log2) => log2.logId === id);
  if (named.length === 0) return refuse("the log entry is of a log that is not in the trusted root");
  const log = named.find(({ validFor: validFor2 }) => times.every((at) => isWithin(validFor2, at.getTime())));
  return log ?? refuse("the log was not trusted at the time of the entry");
}
function openPromise(entry, body, log) {
  const { signedEntryTimestamp, integratedTime, logIndex } = entry;
  if (signedEntryTimestamp.length === 0) refuse("the log entry has no signed entry timestamp");
  const promised = Buffer.from(
    `{"body":"${toBase64(body)}","integratedTime":${integratedTime},"logID":"${log.logId}","logIndex":${logIndex}}`,
    "latin1"
  );
  const { publicKey } = log.key();
  if (!isSignedBy(publicKey, promised, signedEntryTimestamp)) {
    refuse("the signed entry timestamp is not the log's signature over this entry");
  }
}
function parseInclusionProof(message) {
  const { numbers, bytes, many } = readFields(message, PROOF, "the inclusion proof");
  const [, envelope] = readFields(bytes[5] ?? EMPTY, ONE, "the checkpoint").bytes;
  return {
    logIndex: numbers[1] ?? 0n,
    rootHash: bytes[2] ?? EMPTY,
    treeSize: numbers[3] ?? 0n,
    hashes: many,
    checkpoint: decodeText(envelope ?? EMPTY, "the checkpoint")
  };
}
var EMPTY = new Uint8Array(0);
var ONE = { 1: "bytes" };
var TWO = { 1: "bytes", 2: "bytes" };
var PROOF = { 1: "varint", 2: "bytes", 3: "varint", 4: "many", 5: "message" };
var ENTRY = {
  1: "varint",
  2: "message",
  3: "message",
  4: "varint",
  5: "message",
  6: "message",
  7: "message"
};

// src/core/cms.ts
function parseCms(der) {
  const { 0: contentType, 1: wrapped } = childrenOf(parseDer(der), SEQUENCE, "the signature", [2]);
  if (oidOf(contentType, "the signature") !== SIGNED_DATA)
    return refuse("the signature is no CMS SignedData");
  const { 0: signedData } = childrenOf(wrapped, 160, "the signature", [1]);
  const {
    0: version,
    1: digests,
    2: content,
    3: certificates,
    4: signers
  } = childrenOf(signedData, SEQUENCE, "the signed data", [5]);
  if (smallIntegerOf(version, "the signed data") !== 1) {
    return refuse("the signed data is not of version 1");
  }
  const signer = parseSignerInfo(signers);
  const { 0: digest } = childrenOf(digests, SET, "the list of digest algorithms", [1]);
  if (algorithmOf2(digest, "the digest algorithm") !== signer.digestAlgorithm) {
    return refuse("the list of digest algorithms does not name the one used");
  }
  return { ...signer, content: parseContent(content), certificates: parseCertificates(certificates) };
}
function selectLeaf({ certificates, signerId }) {
  let leaf;
  for (const node of certificates) {
    const certificate = toCertificate(node);
    if (!sameBytes(certificate.issuer, signerId.issuer)) continue;
    if (!sameBytes(certificate.serialNumber, signerId.serialNumber)) continue;
    if (leaf !== void 0) return refuse("two certificates bear the name that the signer id gives");
    leaf = certificate;
  }
  return leaf ?? refuse("the signature does not carry the signer's certificate");
}
function parseContent(node) {
  const { 0: type, 1: wrapped } = childrenOf(node, SEQUENCE, "the content", [1, 2]);
  if (oidOf(type, "the content") !== DATA) return refuse("the content is not plain data");
  if (wrapped === void 0) return void 0;
  const { 0: content } = childrenOf(wrapped, 160, "the content", [1]);
  return contentOf(content, OCTET_STRING, "the content");
}
function parseCertificates(node) {
  const certificates = childrenOf(node, 160, "the list of certificates", [1, MAX_CERTIFICATES]);
  for (const certificate of certificates) expectTag(certificate, SEQUENCE, "a certificate");
  return certificates;
}
function parseSignerInfo(signers) {
  const { 0: signer } = childrenOf(signers, SET, "the list of signers", [1]);
  const parts = childrenOf(signer, SEQUENCE, "the signer info", [6, 7]);
  const {
    0: version,
    1: sid,
    2: digestAlgorithm,
    3: signedAttrs,
    4: signatureAlgorithm,
    5: signature,
    6: unsignedAttrs
  } = parts;
  if (smallIntegerOf(version, "the signer info") !== 1) {
    return refuse("the signer info is not of version 1");
  }
  const { 0: issuer, 1: serialNumber } = childrenOf(sid, SEQUENCE, "the signer id", [2]);
  const signed = expectTag(signedAttrs, 160, "the set of signed attributes");
  const timestampTokens = [];
  return {
    signerId: {
      issuer: encodedOf(expectTag(issuer, SEQUENCE, "the issuer in the signer id")),
      serialNumber: encodedOf(expectTag(serialNumber, INTEGER, "the serial number in the signer id"))
    },
    digestAlgorithm: algorithmOf2(digestAlgorithm, "the digest algorithm"),
    signatureAlgorithm: algorithmOf2(signatureAlgorithm, "the signature algorithm"),
    signedAttrs: parseAttributes(signed, 160, "signed attribute"),
    artifact: retag(encodedOf(signed), SET),
    sorted: isSorted(signed),
    signature: contentOf(signature, OCTET_STRING, "the signature value"),
    unsignedAttrs: unsignedAttrs ? parseAttributes(unsignedAttrs, 161, "unsigned attribute", timestampTokens) : /* @__PURE__ */ new Map(),
    timestampTokens
  };
}
function algorithmOf2(node, what) {
  const { 0: oid, 1: parameter } = childrenOf(node, SEQUENCE, what, [1, 2]);
  const name = oidOf(oid, what);
  if (parameter !== void 0) expectTag(parameter, NULL, `the parameter of ${what}`);
  const isEcdsa = name.startsWith("1.2.840.10045.");
  return parameter && isEcdsa ? refuse(`${what} has a parameter`) : name;
}
function parseAttributes(node, tag, what, tokens) {
  const attributes = /* @__PURE__ */ new Map();
  for (const attribute of childrenOf(node, tag, `the set of ${what}s`, [1, Number.POSITIVE_INFINITY])) {
    const { 0: type, 1: values2 } = childrenOf(attribute, SEQUENCE, `a ${what}`, [2]);
    const oid = oidOf(type, `a ${what}`);
    const severalTokens = oid === TIMESTAMP_TOKEN ? tokens : void 0;
    const most = severalTokens ? MAX_TIMESTAMP_TOKENS - severalTokens.length : 1;
    const found = childrenOf(values2, SET, `the ${what} ${oid}`, [1, most]);
    if (severalTokens) severalTokens.push(...found);
    else if (attributes.has(oid)) return refuse(`the ${what} ${oid} occurs twice`);
    else attributes.set(oid, found[0]);
  }
  return attributes;
}
function isSorted({ children }) {
  return children.every((child, place) => {
    const before = children[place - 1];
    return before === void 0 || compareMembers(encodedOf(before), encodedOf(child)) <= 0;
  });
}

// src/core/evidence.ts
init_failure();

// src/core/onlineEntry.ts
var import_node_crypto8 = require("node:crypto");
init_bytes();
init_gitObject();
function onlineObjectId(payload, armored) {
  return signedObjectId(payload, armored, "sha1");
}
function signedObjectId(payload, armored, format) {
  const kind = payloadKind(payload);
  if (kind !== "commit" && kind !== "tag") return void 0;
  const header = format === "sha1" ? "gpgsig" : "gpgsig-sha256";
  const object = kind === "commit" ? insertSignature(view(payload), armored, header) : [payload, armored];
  const length = object?.reduce((sum, part) => sum + part.length, 0);
  if (object === void 0) return void 0;
  return (0, import_node_crypto8.hash)(format, Buffer.concat([Buffer.from(`${kind} ${length}\0`), ...object]), "hex");
}
function insertSignature(payload, armored, header) {
  const at = payload.indexOf("\n\n") + 1;
  if (at === 0) return void 0;
  const value = view(armored).toString("latin1").replace(/\n$/, "").replaceAll("\n", "\n ");
  return [payload.subarray(0, at), Buffer.from(`${header} ${value}
`, "latin1"), payload.subarray(at)];
}

// src/core/evidence.ts
var NO_EVIDENCE = { entries: [] };
function onlineQuery(payload, armored) {
  const objectId = onlineObjectId(payload, armored);
  if (objectId === void 0) return void 0;
  try {
    const leaf = selectLeaf(parseCms(parseArmor(armored)));
    const digest = (0, import_node_crypto9.hash)("sha256", objectId, "buffer");
    return { objectId, digest, certificate: leaf.der, fingerprint: fingerprintOf(leaf) };
  } catch (error) {
    if (isCheckFailure(error)) return void 0;
    throw error;
  }
}

// src/core/factsFormat.ts
init_bytes();
init_failure();
init_limits();

// src/core/verdict.ts
var CHECKS = [
  "payload",
  "signature",
  "certificate",
  "sct",
  "logEntry",
  "timestamp",
  "identity"
];

// src/core/factsFormat.ts
var FACTS_VERSION = "git-signet/facts/v2";
function encodeFacts({ checks, algorithm, signer, signedAt, times, proof }) {
  const { identity, fingerprint, certificate, claims, instance, authority } = signer;
  const { subject, issuer } = identity;
  const fields = [
    FACTS_VERSION,
    CHECKS.map((name) => [checks[name].result, checks[name].detail]),
    [algorithm.publicKey, algorithm.hash],
    [
      subject.type,
      subject.value,
      issuer,
      fingerprint,
      toBase64(certificate),
      [...claims],
      instance,
      authority
    ],
    signedAt.getTime(),
    times.map(({ source, at, by }) => [source, at.getTime(), by]),
    [`${proof.logIndex}`, proof.logId, proof.logUrl, proof.source]
  ];
  return Buffer.from(JSON.stringify(fields), "utf8");
}
function parseFacts(bytes) {
  if (bytes.length > MAX_FACTS_BYTES) return void 0;
  try {
    const facts = toFacts(parseJson2(bytes));
    return sameBytes(encodeFacts(facts), bytes) ? facts : void 0;
  } catch (error) {
    if (isCheckFailure(error)) return void 0;
    throw error;
  }
}
function toFacts(value) {
  const [version, checks, algorithm, signer, signedAt, times, proof, ...more] = list2(value);
  if (version !== FACTS_VERSION || more.length > 0) return refuse(WRONG);
  const [publicKey, digest] = list2(algorithm);
  return {
    checks: toChecks(checks),
    algorithm: { publicKey: integer(publicKey), hash: integer(digest) },
    signer: toSigner(signer),
    signedAt: toDate(signedAt),
    times: list2(times).map(toSigningTime),
    proof: toProof(proof)
  };
}
function toChecks(value) {
  const found = list2(value).map((check2) => {
    const [result, detail] = list2(check2);
    return { result: oneOf(["passed", "failed", "skipped"], result), detail: text3(detail) };
  });
  if (found.length !== CHECKS.length) return refuse(WRONG);
  return Object.fromEntries(CHECKS.map((name, place) => [name, found[place]]));
}
function toSigner(value) {
  const [type, subject, issuer, fingerprint, certificate, claims, instance, authority] = list2(value);
  const pairs = list2(claims).map((claim) => {
    const [number, words] = list2(claim);
    return [integer(number), text3(words)];
  });
  return {
    identity: {
      subject: { type: oneOf(["email", "uri", "username"], type), value: text3(subject) },
      issuer: text3(issuer)
    },
    fingerprint: text3(fingerprint),
    certificate: decodeBase64(text3(certificate), "a certificate"),
    claims: new Map(pairs),
    instance: text3(instance),
    authority: text3(authority)
  };
}
function toSigningTime(value) {
  const [source, at, by] = list2(value);
  return { source: oneOf(["log", "timestamp"], source), at: toDate(at), by: text3(by) };
}
function toProof(value) {
  const [logIndex, logId, logUrl, source] = list2(value);
  if (!/^\d{1,20}$/.test(text3(logIndex))) return refuse(WRONG);
  return {
    logIndex: BigInt(text3(logIndex)),
    logId: text3(logId),
    logUrl: text3(logUrl),
    source: oneOf(["embedded", "evidence"], source)
  };
}
var WRONG = "these are no facts";
function parseJson2(bytes) {
  try {
    return JSON.parse(decodeText(bytes, "a record"));
  } catch {
    return refuse(WRONG);
  }
}
function list2(value) {
  return Array.isArray(value) ? value : refuse(WRONG);
}
function text3(value) {
  return typeof value === "string" ? value : refuse(WRONG);
}
function integer(value) {
  return typeof value === "number" && Number.isSafeInteger(value) ? value : refuse(WRONG);
}
function toDate(value) {
  const date = new Date(integer(value));
  return Number.isNaN(date.getTime()) ? refuse(WRONG) : date;
}
function oneOf(names, value) {
  return names.find((name) => name === value) ?? refuse(WRONG);
}

// src/core/factKey.ts
function factKey(subject, trust, evidence = NO_EVIDENCE) {
  const what = "raw" in subject ? [subject.kind, subject.objectFormat] : ["detached"];
  const bytes = "raw" in subject ? [subject.raw] : [subject.payload, subject.armored];
  const digests = [...bytes, ...evidence.entries].map((part) => (0, import_node_crypto10.hash)("sha256", part, "hex"));
  return (0, import_node_crypto10.hash)("sha256", [FACTS_VERSION, trust.digest, ...what, ...digests].join("\n"), "hex");
}

// src/core/facts.ts
function isSound(found) {
  return !("status" in found);
}
function judge(found, policy, payload) {
  if (!isSound(found)) return found;
  const decision = decide(policy, found, payload);
  switch (decision.decision) {
    case "no-policy": {
      const identity = skipped("no policy says who may sign");
      return { status: "good", policy: "none", reason: "", ...withIdentity(found, identity) };
    }
    case "allowed": {
      const identity = passed("the policy allows the signer");
      return { status: "good", policy: "allowed", reason: "", ...withIdentity(found, identity) };
    }
    case "denied": {
      const { text: reason, reason: denial } = decision;
      const identity = { result: "failed", detail: reason };
      const revoked = denial === "revoked";
      return { status: "untrusted", revoked, denial, reason, ...withIdentity(found, identity) };
    }
  }
}
function withIdentity(sound, identity) {
  return { ...sound, checks: { ...sound.checks, identity } };
}

// src/app/outcome.ts
init_policy();
init_reasons();
init_errors();

// src/app/demand.ts
init_errors();

// src/app/outcome.ts
function outcomeOf(judged, deciding) {
  const { ruled, verdict } = judged;
  if (ruled !== void 0) {
    const { exitCode: exitCode2, text: text4 } = REASONS[ruled.reason];
    const status = statusOf(ruled, verdict);
    return { reason: ruled.reason, exitCode: exitCode2, status, text: status === "good" ? "" : text4 };
  }
  const reason = reasonOf(judged, deciding.requirePolicy);
  const isPassed = deciding.allowUnsigned && (reason === "unsigned" || reason === "other-format");
  const exitCode = isPassed ? EXIT.good : REASONS[reason].exitCode;
  return { reason, exitCode, status: verdict.status, text: verdict.reason };
}
function statusOf({ reason }, { status }) {
  switch (reason) {
    case "allowed":
      return "good";
    case "exempt":
      return status;
    case "signature-failed":
    case "tag-name-mismatch":
      return "bad";
    default:
      return "untrusted";
  }
}
function reasonOf({ object, verdict, unasked, renamed }, requirePolicy) {
  if (object.problem !== void 0) return object.problem.code;
  switch (verdict.status) {
    case "good":
      if (verdict.policy === "allowed") return "allowed";
      return requirePolicy ? "policy-required" : "no-policy";
    case "untrusted":
      return verdict.denial;
    case "unproven":
      return unasked === void 0 ? "unproven" : "service-unreachable";
    case "bad": {
      if (renamed) return "tag-name-mismatch";
      const failed3 = CHECKS.find((check2) => verdict.checks[check2].result === "failed") ?? "signature";
      return `${failed3}-failed`;
    }
    case "unreadable":
      return REASON_OF_FORMAT[verdict.format];
  }
}
var REASON_OF_FORMAT = {
  none: "unsigned",
  pgp: "other-format",
  ssh: "other-format",
  cms: "foreign",
  malformed: "malformed"
};
var SEVERITY = [
  EXIT.good,
  EXIT.unjudged,
  EXIT.service,
  EXIT.no,
  EXIT.login,
  EXIT.usage,
  EXIT.noTrust,
  EXIT.bug
];
function worse(a, b) {
  return SEVERITY.indexOf(a) > SEVERITY.indexOf(b) ? a : b;
}

// src/app/gate/commitFacts.ts
function factsReader(gate) {
  const known2 = /* @__PURE__ */ new Map();
  return {
    read: async (oids) => {
      const wanted = [...new Set(oids)].filter((oid) => !known2.has(oid)).map((oid) => ({ oid }));
      if (wanted.length > 0) {
        for await (const judged of gate.judge(gate.repository.objects(wanted))) {
          known2.set(judged.object.oid, await toFacts2(judged, gate));
        }
      }
      return new Map(oids.map((oid) => [oid, known2.get(oid) ?? missing(oid)]));
    }
  };
}
function missing(oid) {
  throw new Error(`nothing was said about ${oid}`);
}
var FACTS_ONLY = {
  demand: void 0,
  policy: NO_POLICY,
  requirePolicy: false,
  allowUnsigned: false
};
async function toFacts2(judged, gate) {
  const { object } = judged;
  const header = object.kind === "commit" ? { commit: parseCommitHeader(object.raw) } : { tag: parseTagHeader(object.raw) };
  return {
    oid: object.oid,
    signed: await signedOf(judged, gate),
    judged: { ...judged, object: { ...object, raw: NO_BYTES } },
    ...header.commit !== void 0 && { commit: header.commit },
    ...header.tag !== void 0 && { tag: header.tag }
  };
}
var NO_BYTES = new Uint8Array();
async function signedOf(judged, { judgeKey, policy }) {
  const { verdict, object } = judged;
  const { reason } = outcomeOf(judged, FACTS_ONLY);
  if (verdict.status === "good") return { facts: toSignatureFacts(verdict) };
  if (reason === "other-format") return await judgeKey(object, policy) ?? { reason };
  return { reason };
}
async function withKeysOf(policy, commits, { repository, judgeKey }) {
  const wanted = commits.filter(({ signed }) => "reason" in signed && signed.reason === "other-format");
  if (wanted.length === 0) return commits;
  const known2 = /* @__PURE__ */ new Map();
  for await (const object of repository.objects(wanted.map(({ oid }) => ({ oid })))) {
    const signed = await judgeKey(object, policy);
    if (signed !== void 0) known2.set(object.oid, signed);
  }
  return commits.map((one) => ({ ...one, signed: known2.get(one.oid) ?? one.signed }));
}

// src/app/gate/judgePush.ts
init_refRules();
init_errors();

// src/app/gate/ancestry.ts
async function isAncestor(commit, tips, repository) {
  if ((await repository.commits([commit], tips, 0)).length === 0) return true;
  for (const tip of tips) {
    if (await repository.isAncestor(commit, tip)) return true;
  }
  return false;
}

// src/app/gate/judgeRange.ts
init_limits();
init_glob();
init_mayDo();
init_refRules();
init_whoIs();
async function judgeRange(range, context) {
  const { gate, isPolicyRef } = context;
  const changes = await readChanges(range, context);
  const findings = [];
  let policy = gate.policy;
  for (const segment of segmentsOf(range, changes)) {
    findings.push(...await judgeSegment(segment, range, changes, { ...context, policy }));
    const last3 = segment.at(-1);
    if (!isPolicyRef || range.leftLine || last3 === void 0 || !changes.policy.has(last3.oid)) continue;
    const place = findings.findIndex(({ oid }) => oid === last3.oid);
    const judged = findings[place];
    if (judged === void 0 || isRefused(judged)) continue;
    const next = await readPolicy(last3.oid, gate);
    if (typeof next === "string") {
      findings[place] = { ...judged, reason: "policy-invalid", detail: next };
    } else policy = { file: next, commit: last3.oid };
  }
  return { findings, policy };
}
async function readPolicy(commit, { repository, parsePolicy: parsePolicy2 }) {
  const bytes = await repository.file(commit, POLICY_FILE_NAME, MAX_POLICY_BYTES);
  if (bytes === void 0) return `there is no ${POLICY_FILE_NAME}`;
  return bytes === "too-large" ? TOO_LARGE : parsePolicy2(bytes);
}
var TOO_LARGE = `it is larger than ${MAX_POLICY_BYTES >> 10} KiB`;
async function readChanges(range, context) {
  const { gate, isPolicyRef, names } = context;
  const changesOf = (only) => changesIn(range, context, only);
  const ofPolicy = isPolicyRef ? await changesOf(POLICY_FILE_NAME) : NONE;
  const changing = new Set([...ofPolicy].filter(([, paths]) => paths.length > 0).map(([oid]) => oid));
  const needsPaths = changing.size > 0 || rulesFor(gate.policy.file, names, gate.ignoreCase).paths.length > 0;
  return { policy: changing, paths: needsPaths ? await changesOf() : NONE };
}
async function changesIn({ all, mainline, brings, leftLine }, { gate: { repository }, mergesFreely = false }, only) {
  const line = leftLine ? [] : mainline;
  const pairs = line.map(({ oid, commit }) => ({ commit: oid, parent: commit?.parents[0] }));
  const ofLine = await repository.changes(pairs, only);
  const takesKnown = ({ oid, commit }) => mergesFreely && commit?.parents.length === 2 && (brings.get(oid) ?? []).length === 0;
  const isAsked = (one) => !ofLine.has(one.oid) || takesKnown(one);
  const own = await ownChanges(all.filter(isAsked), repository, only);
  const ofBoth = [...own].map(
    ([oid, paths]) => [oid, paths.filter((path) => ofLine.get(oid)?.includes(path) ?? true)]
  );
  return new Map([...ofLine, ...ofBoth]);
}
async function ownChanges(commits, repository, only) {
  const made = commits.flatMap(({ oid, commit }) => commit === void 0 ? [] : [{ oid, ...commit }]);
  return repository.ownChanges(made, only);
}
var NONE = /* @__PURE__ */ new Map();
function segmentsOf({ mainline, leftLine }, changes) {
  const segments = [[]];
  for (const commit of mainline) {
    segments.at(-1)?.push(commit);
    if (!leftLine && changes.policy.has(commit.oid)) segments.push([]);
  }
  return segments;
}
async function judgeSegment(segment, range, changes, context) {
  const { gate, names, narrow = (rules2) => rules2 } = context;
  const policy = context.policy.file;
  const rules = narrow(rulesFor(policy, names, gate.ignoreCase));
  const brings = (commit) => range.brings.get(commit.oid) ?? [];
  const read = segment.flatMap((commit) => [...brings(commit), commit]);
  const commits = policy === gate.policy.file ? read : await withKeysOf(context.policy, read, gate);
  const byId = new Map(commits.map((commit) => [commit.oid, commit]));
  const clean = await findCleanMerges(commits, policy, gate);
  const onLine = new Set(segment.map(({ oid }) => oid));
  const isGuarded = (path) => path === POLICY_FILE_NAME || rules.paths.some((one) => someGlobIsTouched(one.paths, path));
  const guarding = segment.filter(({ oid }) => clean.has(oid) && changes.paths.get(oid)?.some(isGuarded));
  const moved = await gate.repository.moved(guarding.map(({ oid }) => oid));
  return commits.map((commit) => {
    const { oid, signed, commit: header } = commit;
    const mainline = onLine.has(oid);
    const changedPaths2 = changes.paths.get(oid) ?? [];
    const deed = {
      oid,
      signed,
      mainline,
      author: header?.author,
      committer: header?.committer,
      changedPaths: changedPaths2,
      policyChange: mainline && changes.policy.has(oid) ? changeOf(commit) : "none",
      cleanMerge: clean.has(oid),
      byRename: mainline ? moved.get(oid) ?? [] : changedPaths2
    };
    return toFinding(commit, judgeCommit(deed, rules, policy));
    function changeOf(merge) {
      const changing = brings(merge).filter((one) => changes.policy.has(one.oid));
      const isEditors = changing.every(({ oid: oid2 }) => isByEditor(byId.get(oid2)?.signed ?? UNSEEN2, policy));
      const isTheirs = isEditors && !moved.get(merge.oid)?.includes(POLICY_FILE_NAME);
      return clean.has(merge.oid) && changing.length > 0 && isTheirs ? "by-editors" : "own";
    }
  });
}
var UNSEEN2 = { reason: "missing" };
function toFinding({ oid, commit, judged }, ruling) {
  const { kind } = judged.object;
  return finding(ruling.reason, { ...ruling, oid, type: kind, judged, subject: commit?.subject ?? "" });
}
async function findCleanMerges(commits, policy, { repository }) {
  const merges = commits.flatMap(({ oid, commit, signed }) => {
    const [first, second, ...more] = commit?.parents ?? [];
    if (commit === void 0 || first === void 0 || second === void 0 || more.length > 0) return [];
    if ("reason" in signed) return [];
    const standing = whoIs(signed.facts, policy);
    const isForges = "known" in standing && standing.known.some(({ forge }) => forge);
    return isForges ? [{ oid, tree: commit.tree, parents: [first, second] }] : [];
  });
  const trees = await repository.mergedTrees(merges.map(({ parents }) => parents));
  return new Set(merges.filter(({ tree }, place) => trees[place] === tree).map(({ oid }) => oid));
}

// src/app/gate/judgeUpdate.ts
init_mayDo();
init_refRules();
init_reasons();

// src/app/gate/judgeCommits.ts
init_refRules();
init_reasons();

// src/app/gate/range.ts
async function openRange({ tip, old, known: known2, landing }, gate, facts) {
  const { repository, maxCommits } = gate;
  const not = [.../* @__PURE__ */ new Set([...old === void 0 ? [] : [old], ...known2])];
  const tooMany = finding("too-many-commits", { detail: `more than ${maxCommits}` });
  const walked = await repository.commits([tip], not, maxCommits);
  if (walked.length > maxCommits) return tooMany;
  const { known: seen, end } = followLine(tip, walked);
  const isWhole = landing || end === void 0 || not.includes(end);
  const line = isWhole ? seen : [...seen, ...await repository.firstParents(end, not, maxCommits)];
  if (line.length > maxCommits) return tooMany;
  const inSet = new Set(walked.map(({ oid }) => oid));
  const chain = await withoutIntroduced(line, inSet, gate);
  const leftLine = old !== void 0 && end !== old && !await isOnLine(old, tip, gate);
  const extra = chain.filter(({ oid }) => !inSet.has(oid));
  const byId = await facts.read([...walked, ...extra].map(({ oid }) => oid));
  const cut2 = findCut([...walked, ...extra], byId);
  if (cut2 !== void 0) return cut2;
  const all = [...byId.values()];
  if (leftLine) return { all, mainline: all.toReversed(), brings: /* @__PURE__ */ new Map(), leftLine };
  const mainline = chain.toReversed().map(({ oid }) => byId.get(oid));
  return { all, mainline, brings: findBrought(mainline, byId), leftLine };
}
function followLine(tip, walked) {
  const byId = new Map(walked.map((commit) => [commit.oid, commit]));
  const known2 = [];
  let end = tip;
  for (let next = byId.get(tip); next !== void 0; next = byId.get(end ?? "")) {
    known2.push(next);
    [end] = next.parents;
  }
  return { known: known2, end };
}
async function withoutIntroduced(line, inSet, { repository, introductions, maxCommits }) {
  const doubtful = line.filter(({ oid }) => !inSet.has(oid)).map(({ oid }) => oid);
  if (doubtful.length === 0 || introductions.length === 0) return line;
  const unknown = await repository.commits(doubtful, introductions, maxCommits);
  if (unknown.length > maxCommits) return line;
  const notIntroduced = new Set(unknown.map(({ oid }) => oid));
  return line.filter(({ oid }) => inSet.has(oid) || notIntroduced.has(oid));
}
async function isOnLine(old, tip, { repository, maxCommits }) {
  if (old === tip) return true;
  const line = await repository.firstParents(tip, [old], maxCommits);
  return line.at(-1)?.parents[0] === old;
}
function findCut(walked, facts) {
  for (const { oid, parents } of walked) {
    const { commit, judged } = facts.get(oid);
    if (judged.object.problem !== void 0) return finding(judged.object.problem.code, { oid });
    if (commit === void 0) return finding("incomplete", { oid, detail: "it begins like no commit" });
    if (commit.parents.join() !== parents.join()) return finding("incomplete", { oid });
  }
  return void 0;
}
function findBrought(mainline, all) {
  const taken = new Set(mainline.map(({ oid }) => oid));
  const brings = /* @__PURE__ */ new Map();
  for (const { oid, commit } of mainline) {
    const brought = [];
    const open2 = [...commit?.parents.slice(1) ?? []];
    for (let next = open2.pop(); next !== void 0; next = open2.pop()) {
      const one = all.get(next);
      if (one === void 0 || taken.has(next)) continue;
      taken.add(next);
      brought.push(one);
      open2.push(...one.commit?.parents ?? []);
    }
    brings.set(oid, brought);
  }
  return brings;
}

// src/app/gate/undone.ts
init_glob();
init_mayDo();
init_refRules();
async function findUndone({ old, tip, range, rules, isPolicyRef }, gate, facts) {
  const { repository, maxCommits } = gate;
  if (!isPolicyRef && mayBeMadeAnew(rules)) return void 0;
  const [paths = []] = (await repository.changes([{ commit: tip, parent: old }])).values();
  if (isPolicyRef && paths.includes(POLICY_FILE_NAME)) return POLICY_FILE_NAME;
  const isGuarded = (path) => rules.paths.some((rule2) => someGlobIsTouched(rule2.paths, path));
  const guarded = paths.filter(isGuarded);
  if (guarded.length === 0 || !await isAncestor(old, [tip], repository)) return guarded[0];
  const walked = await repository.commits([tip], [old], maxCommits);
  if (walked.length > maxCommits) return guarded[0];
  const read = await facts.read(walked.map(({ oid }) => oid));
  const changes = await ownChanges([...read.values()], repository);
  const line = lineFrom(old, walked);
  const ofLine = await repository.changes(line);
  const judged = new Set(range.all.map(({ oid }) => oid));
  for (const { commit: oid, parent } of line) {
    if (parent === old && !judged.has(oid)) continue;
    const touched = (ofLine.get(oid) ?? []).filter(isGuarded);
    const deed = { ...read.get(oid), touched, own: changes.get(oid) ?? [] };
    if (touched.length > 0 && isRefused(await judgeOnLine(deed, rules, gate))) return touched[0];
  }
  const pathsOf = (wanted) => new Set(wanted.flatMap(({ oid }) => changes.get(oid) ?? []));
  const made = pathsOf(walked.filter(({ parents }) => parents.length < 2));
  const merged = pathsOf(walked.filter(({ oid, parents }) => parents.length > 1 && !judged.has(oid)));
  return guarded.find((path) => !made.has(path) || merged.has(path));
}
function mayBeMadeAnew(rules) {
  return mayUpdate(rules, "force") && mayUpdate(rules, "delete");
}
function lineFrom(old, walked) {
  const reaching = /* @__PURE__ */ new Set([old]);
  for (const { oid, parents } of walked.toReversed()) {
    if (parents.some((parent) => reaching.has(parent))) reaching.add(oid);
  }
  const byId = new Map(walked.map((commit) => [commit.oid, commit]));
  const line = [];
  for (let next = walked[0]; next !== void 0; ) {
    const [first = ""] = next.parents;
    const isJoined = reaching.has(first);
    line.push({ commit: next.oid, parent: isJoined ? first : old });
    next = isJoined ? byId.get(first) : void 0;
  }
  return line;
}
async function judgeOnLine({ oid, signed, commit, touched, own }, rules, { repository, policy }) {
  const [first = "", second = ""] = commit?.parents ?? [];
  const trees = commit?.parents.length === 2 ? await repository.mergedTrees([[first, second]]) : [];
  const deed = {
    oid,
    signed,
    mainline: true,
    author: commit?.author,
    committer: commit?.committer,
    changedPaths: touched,
    policyChange: "none",
    cleanMerge: trees[0] !== void 0 && trees[0] === commit?.tree,
    byRename: own
  };
  return judgeCommit(deed, rules, policy.file);
}

// src/app/gate/judgeCommits.ts
async function judgeCommits(tip, { named, rules, isPolicyRef, narrow }, context) {
  const { gate, facts } = context;
  const { repository } = gate;
  const old = named.current === void 0 ? void 0 : await peel(named.current, context);
  const judged = await policyTipIfJudged(tip, { named, rules, isPolicyRef }, context);
  const known2 = [...gate.introductions, ...judged];
  const range = await openRange({ tip, old, known: known2 }, gate, facts);
  if ("reason" in range && REASONS[range.reason].decision === "incomplete") return [range];
  const isForward = old === void 0 || !("reason" in range) && !range.leftLine;
  if (!isForward && !mayUpdate(rules, "force") && !await isAncestor(old, [tip], repository)) {
    return [finding("non-fast-forward")];
  }
  if ("reason" in range) return [range];
  if (range.leftLine && old !== void 0) {
    const undone = await findUndone({ old, tip, range, rules, isPolicyRef }, gate, facts);
    if (undone !== void 0) return [finding("old-as-side-branch", { detail: `it changes ${undone}` })];
  }
  const mergesFreely = judged.length > 0 && mayBeMadeAnew(rules);
  const judging = {
    names: named.names,
    isPolicyRef,
    mergesFreely,
    gate,
    ...narrow !== void 0 && { narrow }
  };
  const { findings } = await judgeRange(range, judging);
  return findings.length === 0 ? [finding("allowed", { detail: "no new commits" })] : findings;
}
async function peel(oid, { gate, facts }) {
  const type = (await gate.repository.types([oid])).get(oid);
  if (type === "commit") return oid;
  if (type !== "tag") return void 0;
  const target = (await facts.read([oid])).get(oid)?.tag;
  return target?.targetType === "commit" ? target.target : void 0;
}
async function policyTipIfJudged(tip, { named, rules, isPolicyRef }, { gate, policy, policyRef, policyTip }) {
  if (isPolicyRef || policyTip === void 0 || policyRef === void 0) return [];
  const theirs = rulesFor(policy, [policyRef], gate.ignoreCase);
  const isAsked = ["whole", "paths"].every(
    (kind) => rules[kind].every((rule2) => theirs[kind].includes(rule2))
  );
  if (isAsked) return [policyTip];
  if (named.current !== void 0) return [];
  const beside = await gate.repository.firstParents(tip, [policyTip], 0);
  return beside.length === 0 ? [policyTip] : [];
}

// src/core/objectClaims.ts
init_bytes();
var MAX_SUBJECT_BYTES2 = 512;
function claimsOf(raw) {
  const bytes = view(raw);
  const end = bytes.indexOf("\n\n");
  const header = bytes.toString("utf8", 0, end < 0 ? bytes.length : end + 1);
  const [, seconds2 = "0"] = /^(?:committer|tagger) [^\n]*> (\d{1,12}) [+-]\d{4}$/m.exec(header) ?? [];
  const [, tag] = /^object [^\n]*\ntype [^\n]*\ntag ([^\n]*)/.exec(header) ?? [];
  const message = end < 0 ? "" : bytes.toString("utf8", end + 2, end + 2 + MAX_SUBJECT_BYTES2);
  return { claimedAt: Number(seconds2) * 1e3, subject: message.split("\n")[0] ?? "", tag };
}
function isTagOf(name, ref) {
  return name !== void 0 && !name.includes("\uFFFD") && `refs/tags/${name}` === ref;
}

// src/app/gate/judgeTagUpdate.ts
init_glob();
init_mayDo();
init_refRules();
async function judgeTagUpdate(tag, context) {
  const { named, rules, type } = tag;
  if (named.current !== void 0 && !mayUpdate(rules, "update")) return [finding("tag-moved")];
  if (type === "commit") {
    if (rules.whole.some(({ tags }) => tags !== "any")) return [finding("tag-lightweight")];
    return judgeTarget(named.update.new, tag, context);
  }
  if (type !== "tag") return [finding("tag-of-no-commit", { detail: `it is a ${type}` })];
  const own = await judgeTagObject(tag, context);
  if (isRefused(own.finding) || own.target === void 0) return [own.finding];
  return [own.finding, ...await judgeTarget(own.target, tag, context)];
}
async function judgeTagObject({ named, rules }, { facts, policy }) {
  const oid = named.update.new;
  const read = (await facts.read([oid])).get(oid);
  const header = read?.tag;
  const refuse2 = (reason, detail = "") => ({
    finding: finding(reason, {
      oid,
      type: "tag",
      ...read && { judged: read.judged },
      ...detail && { detail }
    })
  });
  if (read?.judged.object.problem !== void 0) return refuse2(read.judged.object.problem.code);
  if (read === void 0 || header === void 0) return refuse2("malformed", "it begins like no tag");
  if (!isTagOf(header.name, named.moved)) {
    return refuse2("tag-name-mismatch", `it calls itself ${header.name.slice(0, MAX_SHOWN)}`);
  }
  if (header.targetType === "tag") return refuse2("tag-nested");
  if (header.targetType !== "commit") return refuse2("tag-of-no-commit", `it is of a ${header.targetType}`);
  const ruling = judgeTag({ signed: read.signed, tagger: header.tagger }, rules, policy);
  return { finding: { ...toFinding(read, ruling), subject: header.name }, target: header.target };
}
var MAX_SHOWN = 200;
async function judgeTarget(commit, { named, rules }, context) {
  const { gate } = context;
  if ((await gate.repository.types([commit])).get(commit) !== "commit")
    return [finding("missing", { oid: commit })];
  for (const rule2 of rules.whole.filter(({ target }) => target.length > 0)) {
    if (!await isReached(commit, rule2.target, context))
      return [finding("tag-target", { oid: commit, rule: rule2 })];
  }
  const withoutTarget = (all) => ({
    ...all,
    whole: all.whole.filter(({ target }) => target.length === 0)
  });
  if (rules.whole.length > 0 && withoutTarget(rules).whole.length === 0) return [finding("allowed")];
  return judgeCommits(commit, { named, rules, isPolicyRef: false, narrow: withoutTarget }, context);
}
async function isReached(commit, target, { gate, refs, accepted }) {
  const fold = (text4) => foldRef(text4, gate.ignoreCase);
  const patterns = target.map(fold);
  const values2 = new Map([...refs].map(([name, { oid }]) => [name, oid]));
  for (const [name, oid] of accepted) values2.set(name, oid);
  const tips = [...values2].filter(([name]) => someGlobMatches(patterns, fold(name))).map(([, oid]) => oid);
  const commits = tips.filter((oid) => oid !== void 0);
  return commits.length > 0 && await isAncestor(commit, commits, gate.repository);
}

// src/app/gate/names.ts
init_refRules();
async function nameUpdates(updates, refs, { repository, ignoreCase }) {
  const spelled = new Map([...refs].map(([name, { oid }]) => [foldRef(name, ignoreCase), oid]));
  const leading = /* @__PURE__ */ new Map();
  const lead = (name, target) => {
    const key = foldRef(target, ignoreCase);
    leading.set(key, [...leading.get(key) ?? [], name]);
  };
  for (const [name, { target }] of refs) {
    if (target !== void 0) lead(name, target);
  }
  if (updates.some(({ ref }) => !refs.has(ref))) {
    for (const [name, target] of repository.symbolicRefs()) lead(name, target);
  }
  const named = [];
  for (const update of updates) {
    const there = refs.get(update.ref);
    const target = there === void 0 ? await repository.symbolicTarget(update.ref) : there.target;
    const moved = target ?? update.ref;
    const names = [.../* @__PURE__ */ new Set([update.ref, moved, ...leading.get(foldRef(moved, ignoreCase)) ?? []])];
    named.push({
      update,
      names,
      moved,
      current: refs.get(moved)?.oid ?? spelled.get(foldRef(moved, ignoreCase))
    });
  }
  return named;
}
function isAmongNames(names, ref, ignoreCase) {
  return ref !== void 0 && names.some((name) => sameRef(name, ref, ignoreCase));
}
function sameRef(a, b, ignoreCase) {
  return foldRef(a, ignoreCase) === foldRef(b, ignoreCase);
}
var RESERVED = ["refs/replace/", "refs/signet/"];
function isReserved(names) {
  return names.some((name) => RESERVED.some((start) => `${foldRef(name, true)}/`.startsWith(start)));
}
function isEvidence(names) {
  return names.every((name) => name === "refs/notes/signet" || name.startsWith("refs/attestations/"));
}
function placeInOrder({ moved }) {
  if (moved.startsWith("refs/heads/")) return 0;
  return moved.startsWith("refs/tags/") ? 1 : 2;
}

// src/app/gate/judgeUpdate.ts
async function judgeUpdate(named, context) {
  const { update, names, current } = named;
  const { gate, policy, policyRef } = context;
  if (isReserved(names)) return [finding("ref-reserved")];
  if ((current ?? "") !== (isZero(update.old) ? "" : update.old)) return [finding("stale-ref")];
  if (isEvidence(names)) return [await judgeEvidence(named, gate)];
  const rules = rulesFor(policy, names, gate.ignoreCase);
  const isPolicyRef = isAmongNames(names, policyRef, gate.ignoreCase);
  if (rules.whole.length === 0 && rules.default === "deny") return [finding("ref-denied")];
  const push = judgeCertificate(rules, context);
  if (push !== void 0 && isRefused(push)) return [push];
  if (isZero(update.new)) return [judgeDeletion(rules, isPolicyRef, push !== void 0)];
  const type = (await gate.repository.types([update.new])).get(update.new);
  if (type === void 0) return [finding("missing")];
  const isTag = named.moved.startsWith("refs/tags/");
  if (isTag && !isPolicyRef) return judgeTagUpdate({ named, rules, type }, context);
  const isBranch = named.moved.startsWith("refs/heads/") || isPolicyRef;
  if (type !== "commit") {
    const isOpen = !isBranch && rules.whole.length === 0 && rules.default === "open";
    return [finding(isOpen ? "open" : "wrong-type", { detail: `it is a ${type}` })];
  }
  return judgeCommits(update.new, { named, rules, isPolicyRef }, context);
}
async function judgeEvidence({ update }, gate) {
  if (isZero(update.new)) return finding("deletion");
  const type = (await gate.repository.types([update.new])).get(update.new);
  if (type === void 0) return finding("missing");
  if (type !== "commit") return finding("wrong-type", { detail: `it is a ${type}` });
  const isForward = isZero(update.old) || await isAncestor(update.old, [update.new], gate.repository);
  return isForward ? finding("open") : finding("non-fast-forward");
}
function judgeCertificate(rules, { gate, policy }) {
  if (!wantsPushCertificate(rules)) return void 0;
  const { pushCertificate } = gate;
  if (pushCertificate === void 0) return finding("push-cert-required");
  const ruling = judgePush(pushCertificate, rules, policy);
  const { reason } = ruling;
  const detail = "this is about the signature of the push itself";
  return finding(reason, REASONS[reason].decision === "allowed" ? ruling : { ...ruling, detail });
}
function judgeDeletion(rules, isPolicyRef, isSigned) {
  if (isPolicyRef) return finding("policy-ref-deletion");
  return finding(mayUpdate(rules, "delete") || isSigned ? "allowed" : "deletion");
}

// src/app/gate/judgePush.ts
async function judgePushedRefs(updates, gate) {
  const { repository, ignoreCase } = gate;
  const refs = await repository.refs();
  const named = await nameUpdates(updates, refs, gate);
  refuseTwice(named, ignoreCase);
  const present = await repository.types(gate.introductions);
  const introductions = gate.introductions.filter((oid) => present.get(oid) === "commit");
  const open2 = { ...gate, introductions };
  const policyRef = await resolve(gate.policy.ref, refs, gate);
  const policyTip = policyRef === void 0 ? void 0 : gate.policy.commit;
  const accepted = /* @__PURE__ */ new Map();
  const facts = factsReader(open2);
  const results = [];
  const context = {
    gate: open2,
    facts,
    refs,
    accepted,
    policy: gate.policy.file,
    policyRef,
    policyTip
  };
  for (const one of named.toSorted((a, b) => placeInOrder(a) - placeInOrder(b))) {
    const findings = await judgeUpdate(one, context);
    const result = { update: one.update, findings };
    if (placeInOrder(one) === 0 && isAccepted(result)) {
      accepted.set(one.moved, isZero(one.update.new) ? void 0 : one.update.new);
    }
    results.push(result);
  }
  return results;
}
async function resolve(ref, refs, { repository }) {
  if (ref === void 0) return void 0;
  const there = refs.get(ref);
  return (there === void 0 ? await repository.symbolicTarget(ref) : there.target) ?? ref;
}
function refuseTwice(named, ignoreCase) {
  const seen = /* @__PURE__ */ new Set();
  for (const { moved, update } of named) {
    const name = foldRef(moved, ignoreCase);
    if (seen.has(name)) {
      throw new SignetError("malformed", `The push moves ${update.ref} twice.`, "Push one value to it.");
    }
    seen.add(name);
  }
}
async function openFirstPush(updates, policyRef, gate) {
  const refuse2 = (reason, update2, detail = "") => ({
    update: update2,
    findings: [finding(reason, detail === "" ? {} : { detail })]
  });
  const others = updates.filter(({ ref }) => !sameRef(ref, policyRef, gate.ignoreCase));
  const [update] = updates.filter(({ ref }) => isAmongNames([ref], policyRef, gate.ignoreCase));
  if (update === void 0 || others.length > 0)
    return updates.map((one) => refuse2(others.includes(one) ? "first-push" : "allowed", one));
  if (isZero(update.new)) return [refuse2("policy-ref-deletion", update)];
  const types = await gate.repository.types([update.new, ...gate.introductions]);
  if (types.get(update.new) !== "commit") return [refuse2("wrong-type", update)];
  const present = gate.introductions.filter((oid) => types.get(oid) === "commit");
  let newest2;
  for (const oid of present) {
    const isInside = await isAncestor(oid, [update.new], gate.repository);
    const isNewer = newest2 === void 0 || await isAncestor(newest2, [oid], gate.repository);
    if (isInside && isNewer) newest2 = oid;
  }
  if (newest2 === void 0) return [refuse2("introduction-missing", update)];
  const file = await readPolicy(newest2, gate);
  if (typeof file === "string")
    return [refuse2("policy-invalid", update, `at the introduction ${newest2}: ${file}`)];
  return { file, commit: newest2 };
}

// src/app/gate/judgeRequest.ts
var LANDINGS = ["merge", "squash", "rebase", "ff", "push"];
async function judgeRequest(request, gate) {
  const { ref, base, head, as } = request;
  const update = { ref, old: base, new: head };
  const { repository, ignoreCase } = gate;
  const isPush = as === "ff" || as === "push";
  const types = await repository.types([base, head, ...gate.introductions]);
  for (const oid of [base, head]) {
    const type = types.get(oid);
    if (isPush ? type === void 0 && !isZero(oid) : type !== "commit") {
      return { update, findings: [finding("missing", { oid })] };
    }
  }
  const introductions = gate.introductions.filter((oid) => types.get(oid) === "commit");
  const open2 = { ...gate, introductions };
  if (isPush) {
    const others = new Map([...await repository.refs()].filter(([name]) => name !== ref));
    const refs2 = async () => isZero(base) ? others : new Map([...others, [ref, { oid: base }]]);
    const [result] = await judgePushedRefs([update], { ...open2, repository: { ...repository, refs: refs2 } });
    return result ?? { update, findings: [finding("missing", { oid: head })] };
  }
  const refs = await repository.refs();
  const [{ names } = { names: [ref] }] = await nameUpdates([update], refs, gate);
  const rules = rulesFor(gate.policy.file, names, ignoreCase);
  if (rules.whole.length === 0 && rules.default === "deny") {
    return { update, findings: [finding("ref-denied")] };
  }
  const range = await openRange(
    { tip: head, old: void 0, known: [base, ...introductions], landing: true },
    open2,
    factsReader(open2)
  );
  if ("reason" in range) return { update, findings: [range] };
  const policyRef = await resolve(gate.policy.ref, refs, gate);
  const isPolicyRef = isAmongNames(names, policyRef, ignoreCase);
  const context = { gate: open2, rules, mainline: as === "rebase", isPolicyRef };
  const findings = [...await judgeLanding(range, context), ...await judgeRenames([base, head], context)];
  return {
    update,
    findings: findings.length === 0 ? [finding("allowed", { detail: "no new commits" })] : findings
  };
}
async function judgeLanding(range, context) {
  const { gate, rules, mainline, isPolicyRef } = context;
  const policy = gate.policy.file;
  const changes = await ownChanges(range.all, gate.repository, onlyAsked(rules));
  const clean = await cleanMerges(range.all, gate);
  return range.all.toReversed().map((commit) => {
    const changedPaths2 = changes.get(commit.oid) ?? [];
    const ruling = judgeCommit(
      {
        oid: commit.oid,
        signed: commit.signed,
        mainline,
        author: commit.commit?.author,
        committer: commit.commit?.committer,
        changedPaths: changedPaths2,
        policyChange: "none",
        cleanMerge: clean.has(commit.oid),
        byRename: changedPaths2
      },
      rules,
      policy
    );
    const found = toFinding(commit, ruling);
    const isChange = isPolicyRef && changedPaths2.includes(POLICY_FILE_NAME);
    if (isRefused(found) || !isChange || isByEditor(commit.signed, policy)) return found;
    return { ...found, reason: "policy-change-denied" };
  });
}
function onlyAsked({ paths }) {
  return paths.length === 0 ? POLICY_FILE_NAME : void 0;
}
async function judgeRenames([base, head], { gate, rules, isPolicyRef }) {
  if (rules.paths.length === 0 && !isPolicyRef) return [];
  const moved = await gate.repository.movedByMerge([base, head]);
  const tell = (reason, path, rule2) => finding(reason, {
    oid: head,
    type: "commit",
    detail: `a file was renamed to ${path} meanwhile: merge ${base.slice(0, 10)} here and sign that`,
    ...rule2 && { rule: rule2 }
  });
  const ofPolicy = isPolicyRef && moved.includes(POLICY_FILE_NAME);
  return [
    ...ofPolicy ? [tell("policy-change-denied", POLICY_FILE_NAME)] : [],
    ...rules.paths.flatMap((rule2) => {
      const path = moved.find((one) => someGlobIsTouched(rule2.paths, one));
      return path === void 0 ? [] : [tell("path-not-allowed", path, rule2)];
    })
  ];
}
async function cleanMerges(commits, { repository }) {
  const merges = commits.flatMap(({ oid, commit }) => {
    const [first, second, ...more] = commit?.parents ?? [];
    if (commit === void 0 || first === void 0 || second === void 0 || more.length > 0) return [];
    return [{ oid, tree: commit.tree, parents: [first, second] }];
  });
  const trees = await repository.mergedTrees(merges.map(({ parents }) => parents));
  return new Set(merges.filter(({ tree }, place) => trees[place] === tree).map(({ oid }) => oid));
}

// src/cli/githubAction.ts
init_errors();

// src/cli/commands/gate.ts
var import_node_fs12 = require("node:fs");

// src/adapters/gate/gateSettings.ts
init_limits();
init_config();
init_settings();
init_choice();
var GATE_SETTINGS = {
  policyRef: { key: "signet.policyRef", env: "", standard: "" },
  introduction: { key: "signet.introduction", env: "", standard: "" },
  maxCommits: { key: "signet.maxCommits", env: "", standard: String(MAX_NEW_COMMITS) },
  deadline: { key: "signet.deadline", env: "", standard: "60" }
};
function parseGateSettings(settings) {
  const { policyRef, introduction, maxCommits, deadline } = GATE_SETTINGS;
  const policyFile = parsePath(CONFIG_SETTINGS.policyFile, last(CONFIG_SETTINGS.policyFile, settings) ?? "");
  const ref = last(policyRef, settings);
  if (ref !== void 0) checkRefName(policyRef, ref);
  const introductions = values(introduction, settings);
  for (const oid of introductions) {
    if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(oid)) {
      throw badSetting(introduction, oid, "is no full object id", "Give all of its digits, in lower case.");
    }
  }
  return {
    policyFile,
    policyRef: ref,
    introductions,
    maxCommits: parseCount(maxCommits, settings),
    deadlineMs: parseCount(deadline, settings) * 1e3
  };
}
function checkRefName(setting, ref) {
  if (/^refs\/(heads|remotes)\/[^\s:?*[\\^~]+$/.test(ref) && !ref.includes("..")) return;
  throw badSetting(setting, ref, "is no full name of a branch", "Write it as in refs/heads/main");
}
function values({ key }, { git }) {
  const all = (git.get(key.toLowerCase()) ?? []).map((value) => value ?? "");
  return all.slice(all.lastIndexOf("") + 1);
}
function last(setting, settings) {
  return values(setting, settings).at(-1);
}
function parseCount(setting, settings) {
  const text4 = last(setting, settings) ?? setting.standard;
  if (/^[1-9][0-9]{0,8}$/.test(text4)) return Number(text4);
  throw badSetting(setting, text4, "is no number from 1 on", `Leave it out for ${setting.standard}.`);
}

// src/adapters/git/runGit.ts
init_errors();
init_callGit();
function runGit(args, env) {
  const { status, stdout, stderr, error } = callGit(args, env);
  if (status === 0) return stdout.toString("utf8");
  const said = complaintOf(stderr);
  throw new SignetError("usage", `git ${args[0]} failed: ${said}`, adviceOn(said), error);
}
function isOthers(said) {
  return said.startsWith("detected dubious ownership");
}
var ADVICE_ON_OTHERS = "It belongs to somebody else. If you trust them with what your git runs: git config --global --add safe.directory FOLDER";
function adviceOn(said) {
  if (isOthers(said)) return ADVICE_ON_OTHERS;
  if (said.includes("git repository"))
    return "Run it inside a repository, or with --global where that is meant.";
  return "See whether you may write there, and what git says about its configuration.";
}

// src/cli/gateCall.ts
init_errors();

// src/adapters/factCache.ts
var import_node_crypto12 = require("node:crypto");
var import_node_fs6 = require("node:fs");
var import_node_path5 = require("node:path");

// src/adapters/factFiles.ts
var import_node_crypto11 = require("node:crypto");
var import_node_fs4 = require("node:fs");
var import_node_path3 = require("node:path");
init_limits();
var MAX_HELD_BYTES = 8 << 20;
function heldFiles(folder, isGenuine, maxHeldBytes = MAX_HELD_BYTES) {
  const files = /* @__PURE__ */ new Map();
  let held = 0;
  const flush = () => {
    for (const [path, file] of files) {
      const fresh = newest(file.records.slice(file.written));
      file.written = file.records.length;
      if (fresh.length === 0) continue;
      try {
        append(path, Buffer.concat(fresh.map(encodeRecord)), isGenuine);
      } catch {
      }
    }
  };
  const hold = (bytes) => {
    held += bytes;
    if (held <= maxHeldBytes) return;
    flush();
    files.clear();
    held = 0;
  };
  const recordsFor = (key) => {
    const path = fileOf(folder, key);
    const known2 = files.get(path);
    if (known2 !== void 0) return known2.records;
    const records = readIfThere(folder, key);
    hold(sizeOf(records));
    files.set(path, { records, written: records.length });
    return records;
  };
  return {
    read: recordsFor,
    add: (record3) => {
      hold(sizeOf([record3]));
      recordsFor(record3.key).push(record3);
    },
    flush
  };
}
function newest(records) {
  let bytes = 0;
  const first = records.findLastIndex((record3) => {
    bytes += sizeOf([record3]);
    return bytes > MAX_FACT_FILE_BYTES / 2;
  });
  return records.slice(first + 1);
}
function readIfThere(folder, key) {
  try {
    return [...readFileOf(folder, key)];
  } catch {
    return [];
  }
}
var HEAD_BYTES = 2 + 32 + 32;
function sizeOf(records) {
  return records.reduce((sum, { facts }) => sum + HEAD_BYTES + facts.length, 0);
}
function encodeRecord({ key, code, facts }) {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(facts.length);
  return Buffer.concat([length, key, code, facts]);
}
function readFileOf(folder, key) {
  const path = fileOf(folder, key);
  const bytes = readPlainFile(path);
  const records = readRecords(bytes);
  if (sizeOf(records) !== bytes.length) (0, import_node_fs4.rmSync)(path, { force: true });
  return records;
}
function readPlainFile(path) {
  const fd = (0, import_node_fs4.openSync)(path, import_node_fs4.constants.O_RDONLY | NO_WAIT);
  try {
    if (!(0, import_node_fs4.fstatSync)(fd).isFile()) throw new Error("not a file");
    return (0, import_node_fs4.readFileSync)(fd);
  } finally {
    (0, import_node_fs4.closeSync)(fd);
  }
}
var NO_WAIT = (import_node_fs4.constants.O_NONBLOCK ?? 0) | (import_node_fs4.constants.O_NOFOLLOW ?? 0);
function readRecords(bytes) {
  const records = [];
  for (let at = 0; at + HEAD_BYTES <= bytes.length; ) {
    const end = at + HEAD_BYTES + bytes.readUInt16BE(at);
    if (end > bytes.length) break;
    records.push({
      key: bytes.subarray(at + 2, at + 34),
      code: bytes.subarray(at + 34, at + HEAD_BYTES),
      facts: bytes.subarray(at + HEAD_BYTES, end)
    });
    at = end;
  }
  return records;
}
function append(path, record3, isGenuine) {
  const flags = import_node_fs4.constants.O_WRONLY | import_node_fs4.constants.O_APPEND | import_node_fs4.constants.O_CREAT | NO_WAIT;
  const fd = (0, import_node_fs4.openSync)(path, flags, 384);
  try {
    const { size } = (0, import_node_fs4.fstatSync)(fd);
    if (size + record3.length <= MAX_FACT_FILE_BYTES) {
      (0, import_node_fs4.writeSync)(fd, record3);
      return;
    }
  } finally {
    (0, import_node_fs4.closeSync)(fd);
  }
  shorten(path, record3, isGenuine);
}
function shorten(path, record3, isGenuine) {
  const kept = [record3];
  let bytes = record3.length;
  for (const old of readRecords(readPlainFile(path)).toReversed()) {
    const length = sizeOf([old]);
    if (bytes + length > MAX_FACT_FILE_BYTES / 2) break;
    if (!isGenuine(old)) continue;
    kept.unshift(encodeRecord(old));
    bytes += length;
  }
  const temporary = `${path}.${(0, import_node_crypto11.randomBytes)(6).toString("hex")}`;
  try {
    (0, import_node_fs4.writeFileSync)(temporary, Buffer.concat(kept), { mode: 384, flag: "wx" });
    (0, import_node_fs4.renameSync)(temporary, path);
  } catch (error) {
    (0, import_node_fs4.rmSync)(temporary, { force: true });
    throw error;
  }
}
function fileOf(folder, key) {
  return (0, import_node_path3.join)(folder, key.toString("hex", 0, 1));
}

// src/adapters/factCache.ts
init_privateFolder();
init_makeFolder();
function openFactStore(env, trust) {
  return attempt(() => {
    const folder = safeFolder(env);
    return folder === void 0 ? void 0 : cacheIn(folder, trust, filesUntilExit);
  });
}
var filesUntilExit = (folder, isGenuine) => {
  const files = heldFiles(folder, isGenuine);
  process.once("exit", files.flush);
  return files;
};
function safeFolder(env) {
  if (env["CI"]) return void 0;
  const folder = cacheFolder(env);
  makeFolder(folder, 448);
  return isSafe(folder) ? folder : void 0;
}
function cacheFolder(env) {
  const base = env["XDG_CACHE_HOME"] ?? "";
  const home = env["HOME"] ?? process.getBuiltinModule("node:os").homedir();
  return (0, import_node_path5.join)((0, import_node_path5.isAbsolute)(base) ? base : (0, import_node_path5.join)(home, ".cache"), "git-signet", "facts");
}
function cacheIn(folder, trust, openFiles) {
  const secret = readKey(folder);
  const mac = (key, facts) => (0, import_node_crypto12.createHmac)("sha256", secret).update(key).update(facts).digest();
  const isGenuine = ({ key, code, facts }) => (0, import_node_crypto12.timingSafeEqual)(mac(key, facts), code);
  const keyOf = (subject, evidence) => Buffer.from(factKey(subject, trust, evidence), "hex");
  const files = openFiles(folder, isGenuine);
  return {
    load: (subject, evidence) => {
      const key = keyOf(subject, evidence);
      const record3 = attempt(() => files.read(key))?.findLast((one) => one.key.equals(key));
      return record3 !== void 0 && isGenuine(record3) ? parseFacts(record3.facts) : void 0;
    },
    save: (subject, sound, evidence) => {
      const key = keyOf(subject, evidence);
      const facts = encodeFacts(sound);
      if (facts.length > MAX_REMEMBERED_BYTES) return;
      attempt(() => files.add({ key, code: mac(key, facts), facts }));
    }
  };
}
var MAX_REMEMBERED_BYTES = 8 << 10;
var KEY_BYTES = 32;
function readKey(folder) {
  const path = (0, import_node_path5.join)(folder, "key");
  try {
    return checkedKey(path);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  const temporary = (0, import_node_path5.join)(folder, `key.${(0, import_node_crypto12.randomBytes)(6).toString("hex")}`);
  try {
    (0, import_node_fs6.writeFileSync)(temporary, (0, import_node_crypto12.randomBytes)(KEY_BYTES), { mode: 384, flag: "wx" });
    (0, import_node_fs6.linkSync)(temporary, path);
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  } finally {
    (0, import_node_fs6.rmSync)(temporary, { force: true });
  }
  return checkedKey(path);
}
function checkedKey(path) {
  const stats = (0, import_node_fs6.lstatSync)(path);
  if (!stats.isFile() || !isPrivate(stats)) throw new Error("the key is open to others");
  const key = (0, import_node_fs6.readFileSync)(path);
  if (key.length !== KEY_BYTES) throw new Error("the key is cut short");
  return key;
}
function isSafe(folder) {
  const own = (0, import_node_fs6.lstatSync)(folder);
  if (!own.isDirectory() || !isPrivate(own)) return false;
  if (process.platform === "win32") return true;
  const above = [(0, import_node_path5.dirname)(folder), (0, import_node_path5.dirname)((0, import_node_path5.dirname)(folder))].map((path) => (0, import_node_fs6.lstatSync)(path));
  return above.every((stats) => stats.isDirectory() && isMine(stats) && (stats.mode & 2) === 0);
}
function isPrivate(stats) {
  return process.platform === "win32" || isMine(stats) && (stats.mode & 63) === 0;
}
function attempt(task) {
  try {
    return task();
  } catch {
    return void 0;
  }
}

// src/adapters/gate/loadPolicy.ts
var import_node_path6 = require("node:path");
init_limits();
init_errors();
init_allow();
init_config();
async function loadPolicy({ settings, gate, repository, trust }) {
  const { policyFile, policyRef } = gate;
  if (policyFile !== void 0) {
    const { readPolicyFile: readPolicyFile2 } = await Promise.resolve().then(() => (init_outsidePolicy(), outsidePolicy_exports));
    return { file: readPolicyFile2(policyFile), folder: (0, import_node_path6.dirname)(policyFile) };
  }
  if (policyRef !== void 0) {
    const commit = (await repository.refs()).get(policyRef)?.oid;
    if (commit === void 0) return { unborn: policyRef };
    const bytes = await repository.file(commit, POLICY_FILE_NAME, MAX_POLICY_BYTES);
    if (bytes === void 0) throw noPolicy(`${policyRef} has no ${POLICY_FILE_NAME}.`);
    if (bytes === "too-large") throw noPolicy(`${policyRef}:${POLICY_FILE_NAME} is larger than 256 KiB.`);
    return { file: await parseOrThrow(bytes, `${policyRef}:${POLICY_FILE_NAME}`), ref: policyRef, commit };
  }
  const allowed2 = parseAllow(readAllow(settings));
  if (allowed2.kind !== "allow") throw noPolicy("No policy says who may push here.");
  return { file: toPolicyFile(allowed2, trust) };
}
async function parsePolicyBytes(bytes) {
  const { parsePolicy: parsePolicy2 } = await Promise.resolve().then(() => (init_parsePolicy(), parsePolicy_exports));
  const { policy, problems } = parsePolicy2(bytes);
  if (policy !== void 0) return policy;
  const [first] = problems;
  return first === void 0 ? "it cannot be read" : `line ${first.line}: ${first.message}`;
}
async function parseOrThrow(bytes, name) {
  const policy = await parsePolicyBytes(bytes);
  if (typeof policy !== "string") return policy;
  throw new SignetError(
    "config",
    `The policy ${name} cannot be used: ${policy}`,
    "Run git-signet policy check."
  );
}
function noPolicy(message) {
  return new SignetError(
    "config",
    message,
    "In CI name its ref with --policy-ref, on a server run git-signet hook install; or set signet.policy."
  );
}
function toPolicyFile({ identities }, trust) {
  return {
    version: 1,
    instances: trust.certificateAuthorities.map((authority) => authority.root().instance),
    editors: [],
    default: "signed",
    committer: "off",
    signers: identities.map(({ subject, issuer }) => ({
      name: subject.value,
      forge: false,
      identities: [{ ...subject, issuer, claims: [], committers: [] }]
    })),
    rules: [],
    revocations: [],
    exempt: []
  };
}

// src/adapters/git/gateReader.ts
init_errors();

// src/adapters/git/catFile.ts
var import_node_crypto13 = require("node:crypto");
init_limits();
init_errors();
async function* readObjects(git, requests) {
  const { child, said, stop } = git.start(["cat-file", "--batch", "--buffer"]);
  const pending = [];
  const asking = ask(child.stdin, requests, pending);
  asking.catch(() => {
  });
  try {
    const reader = new ByteReader(child.stdout);
    for (let line = await reader.line(); line !== void 0; line = await reader.line()) {
      const request = pending.shift();
      if (request === void 0) throw stopped("it answered what nobody asked");
      yield await readAnswer(reader, line, request, git.objectFormat);
    }
    await asking;
    if (pending.length > 0) throw stopped(said());
  } finally {
    stop();
  }
}
function stopped(why) {
  const hint = "What it did not give was not judged. Run git fsck to see what is wrong.";
  return new SignetError("malformed", `git stopped reading the repository: ${why}.`, hint);
}
async function ask(stdin, requests, pending) {
  let ended = false;
  stdin.on("error", () => {
    ended = true;
  });
  stdin.on("close", () => {
    ended = true;
  });
  try {
    for await (const request of requests) {
      if (ended) return;
      pending.push(request);
      if (!stdin.write(`${request.oid}
`)) await drained(stdin);
    }
  } finally {
    stdin.end();
  }
}
function drained(stdin) {
  return new Promise((resolve3) => {
    const done = () => {
      stdin.off("drain", done).off("close", done).off("error", done);
      resolve3();
    };
    stdin.on("drain", done).on("close", done).on("error", done);
    if (stdin.destroyed) done();
  });
}
async function readAnswer(reader, line, { oid, ref }, objectFormat) {
  const [, id, type = "", size] = /^([0-9a-f]{40,64}) ([a-z]+) (\d+)$/.exec(line) ?? [];
  const kind = type === "tag" ? "tag" : "commit";
  const toObject2 = (raw2, problem) => ({
    oid,
    kind,
    objectFormat,
    raw: raw2,
    ...ref !== void 0 && { ref },
    ...problem !== void 0 && { problem }
  });
  const toProblem2 = (code, text4) => toObject2(new Uint8Array(), { code, text: text4 });
  if (id === void 0) return toProblem2("missing", "the object is not in this repository");
  const bytes = Number(size);
  const isOurs = type === "commit" || type === "tag";
  if (!isOurs || bytes > MAX_PAYLOAD_BYTES) {
    await reader.skip(bytes + 1);
    return isOurs ? toProblem2("too-large", "the object is larger than 64 MiB") : toProblem2("other-kind", `the object is a ${type}, which carries no signature`);
  }
  const raw = await reader.bytes(bytes);
  await reader.skip(1);
  const hash21 = (0, import_node_crypto13.createHash)(objectFormat).update(`${type} ${bytes}\0`).update(raw).digest("hex");
  if (hash21 === oid && id === oid) return toObject2(raw);
  return toProblem2("wrong-id", "the bytes of the object are not those that its name stands for");
}
var MAX_LINE_BYTES = 4096;
var ByteReader = class {
  #chunks;
  #rest = Buffer.alloc(0);
  constructor(stream) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }
  /** The next line without its line feed; undefined at the end. */
  async line() {
    let end = this.#rest.indexOf(LF2);
    while (end < 0) {
      if (this.#rest.length > MAX_LINE_BYTES) throw stopped("it wrote a line without end");
      const chunk = await this.#next();
      if (chunk === void 0) {
        if (this.#rest.length > 0) throw stopped("its answer is cut short");
        return void 0;
      }
      this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
      end = this.#rest.indexOf(LF2);
    }
    const line = this.#rest.toString("utf8", 0, end);
    this.#rest = this.#rest.subarray(end + 1);
    return line;
  }
  /** Exactly so many bytes: views where one chunk holds them. */
  async bytes(count) {
    if (this.#rest.length >= count) return this.#take(count);
    const parts = [this.#rest];
    let length = this.#rest.length;
    while (length < count) {
      const chunk = await this.#next();
      if (chunk === void 0) throw stopped("its answer is cut short");
      parts.push(chunk);
      length += chunk.length;
    }
    this.#rest = Buffer.concat(parts);
    return this.#take(count);
  }
  /** Passes over so many bytes without keeping them. */
  async skip(count) {
    let left = count;
    while (left > this.#rest.length) {
      left -= this.#rest.length;
      const chunk = await this.#next();
      if (chunk === void 0) throw stopped("its answer is cut short");
      this.#rest = chunk;
    }
    this.#rest = this.#rest.subarray(left);
  }
  #take(count) {
    const taken = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return taken;
  }
  async #next() {
    const { done, value } = await this.#chunks.next();
    return done ? void 0 : value;
  }
};
var LF2 = 10;

// src/adapters/git/lineJoiner.ts
function lineJoiner(end = "\n") {
  let pieces = [];
  return {
    add(piece) {
      const [first = "", ...others] = piece.split(end);
      pieces.push(first);
      const last3 = others.pop();
      if (last3 === void 0) return [];
      const line = pieces.join("");
      pieces = [last3];
      return [line, ...others];
    },
    rest: () => pieces.join("")
  };
}

// src/adapters/git/rawGit.ts
var import_node_child_process = require("node:child_process");
var import_node_os = require("node:os");
init_limits();
init_childEnvironment();
init_callGit();
init_findGit();
function startRawGit(args, env) {
  const child = (0, import_node_child_process.spawn)(findGit(env), [...HARMLESS, ...args], {
    env: readingEnvironment(env),
    stdio: ["pipe", "pipe", "pipe"],
    // A Ctrl-C is for us: what is being written shall be written.
    detached: true,
    windowsHide: true
  });
  running.add(child);
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (chunk) => {
    if (stderr.length < MAX_STDERR) stderr += chunk;
  });
  child.stdin.on("error", () => {
  });
  const ended = new Promise((resolve3) => {
    child.once("close", resolve3);
    child.once("error", (error) => {
      stderr += String(error);
      resolve3(null);
    });
  }).finally(() => running.delete(child));
  const stop = () => {
    child.stdout.destroy();
    child.stdin.destroy();
    if (child.exitCode === null) child.kill();
  };
  return { child, ended, said: () => complaintOf(stderr), stop };
}
var MAX_STDERR = 64 << 10;
var running = /* @__PURE__ */ new Set();
process.on("exit", () => {
  for (const child of running) child.kill();
});
async function runRawGit(args, env, input = "", maxBytes = MAX_GIT_OUTPUT_BYTES) {
  const { child, ended, said } = startRawGit(args, env);
  const stdout = [];
  let left = maxBytes;
  child.stdout.on("data", (chunk) => {
    left -= chunk.length;
    if (left >= 0) stdout.push(chunk);
    else child.kill();
  });
  child.stdin.end(input);
  const status = await ended;
  if (left < 0) return { status: null, stdout: Buffer.alloc(0), said: "its answer is too long" };
  return { status, stdout: Buffer.concat(stdout), said: said() };
}
function callRawGit(args, env, bounds) {
  return callGit([...HARMLESS, ...args], readingEnvironment(env), bounds);
}
var HARMLESS = [
  ...["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"],
  ...["-c", "core.commitGraph=false"]
];
function readingEnvironment(env) {
  return {
    ...childEnvironment(env),
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_GRAFT_FILE: import_node_os.devNull,
    GIT_NO_LAZY_FETCH: "1",
    GIT_ALLOW_PROTOCOL: "none",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
    LC_ALL: "C"
  };
}

// src/adapters/git/changedPaths.ts
async function changedPaths(env, pairs, only) {
  const lines = pairs.map(({ commit, parent }) => parent === void 0 ? commit : `${commit} ${parent}`);
  const changes = await diffTrees(env, lines, only === void 0 ? [] : ["--", only]);
  if (typeof changes === "string") return changes;
  const isThere = ({ commit, parent }) => changes.has(commit) || changes.has(`${commit} ${parent}`);
  return pairs.every(isThere) ? changes : LEFT_OUT;
}
async function movedPaths(env, merges) {
  const moved = await diffTrees(env, merges, ["-c"], (status) => status.includes("A"));
  if (typeof moved === "string") return moved;
  return merges.every((oid) => moved.has(oid)) ? moved : LEFT_OUT;
}
var LEFT_OUT = "it left out a commit";
async function diffTrees(env, lines, args, isWanted) {
  const changes = /* @__PURE__ */ new Map();
  if (lines.length === 0) return changes;
  const git = startRawGit([...ARGS, ...args], env);
  git.child.stdin.end(`${lines.join("\n")}
`);
  try {
    const take = takeInto(changes, isWanted);
    let [count, bytes] = [0, 0];
    const joiner = lineJoiner("\0");
    for await (const chunk of git.child.stdout.setEncoding("utf8")) {
      bytes += chunk.length;
      const tokens = joiner.add(chunk);
      count += tokens.length;
      for (const token of tokens) take(token);
      if (count > 2 * MAX_CHANGED_PATHS || bytes > MAX_CHANGED_PATH_BYTES) return "its answer is too long";
    }
    take(joiner.rest());
    return await git.ended === 0 ? changes : git.said();
  } finally {
    git.stop();
  }
}
function takeInto(changes, isWanted = () => true) {
  let paths = [];
  let status = "";
  return (token) => {
    if (status !== "") {
      if (isWanted(status)) paths.push(token);
      status = "";
      return;
    }
    for (const part of token.split("\n")) {
      if (/^[A-Z]*$/.test(part)) {
        status = part;
        continue;
      }
      paths = changes.get(part) ?? [];
      changes.set(part, paths);
    }
  };
}
var MAX_CHANGED_PATHS = 1e6;
var MAX_CHANGED_PATH_BYTES = 64 << 20;
var ARGS = [
  ...["--literal-pathspecs", "diff-tree", "--stdin", "-r", "-z", "--name-status", "--root", "--always"],
  ...["--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules=none"]
];

// src/adapters/git/commonFolder.ts
var known = /* @__PURE__ */ new WeakMap();
function rememberCommonFolder(env, folder) {
  known.set(env, folder);
}
function commonFolder(env) {
  const folder = known.get(env) ?? runGit(["rev-parse", "--path-format=absolute", "--git-common-dir"], env).replace(/\n$/, "");
  known.set(env, folder);
  return folder;
}

// src/adapters/git/mergedTrees.ts
var import_node_fs7 = require("node:fs");
var import_node_os2 = require("node:os");
var import_node_path7 = require("node:path");
async function mergedTrees(env, objectFormat, pairs) {
  if (pairs.length === 0) return [];
  const merges = await withoutSettings(env, objectFormat, (inside) => mergeAll(inside, pairs));
  return merges.map((one) => one?.isClean ? one.tree : void 0);
}
async function movedByMerge(env, objectFormat, [first, second]) {
  return withoutSettings(env, objectFormat, async (inside) => {
    const [merge] = await mergeAll(inside, [[first, second]]);
    if (!merge?.isClean) return [];
    const args = ["commit-tree", "-p", first, "-p", second, "-m", "merged", merge.tree];
    const { stdout } = await runRawGit(args, { ...inside, ...NOBODY });
    const commit = stdout.toString("latin1").trim();
    const moved = await movedPaths(inside, [commit]);
    return typeof moved === "string" ? moved : moved.get(commit) ?? [];
  });
}
var NOBODY = {
  GIT_AUTHOR_NAME: "nobody",
  GIT_AUTHOR_EMAIL: "nobody",
  GIT_COMMITTER_NAME: "nobody",
  GIT_COMMITTER_EMAIL: "nobody"
};
async function changedByMerges(env, objectFormat, commits) {
  const own = /* @__PURE__ */ new Map();
  if (commits.length === 0) return own;
  return withoutSettings(env, objectFormat, async (inside) => {
    const pairs = commits.map(({ parents: [first = "", second = ""] }) => [first, second]);
    const merges = await mergeAll(inside, pairs, FILES_STAY);
    const compared = commits.flatMap(({ tree }, place) => {
      const merged = merges[place]?.tree;
      return merged === void 0 || merged === tree ? [] : [{ commit: merged, parent: tree }];
    });
    const changes = await changedPaths(inside, compared, void 0);
    if (typeof changes === "string") return changes;
    const moved = await movedPaths(
      inside,
      commits.map(({ oid }) => oid)
    );
    if (typeof moved === "string") return moved;
    for (const [place, { oid, tree }] of commits.entries()) {
      const merge = merges[place];
      if (merge === void 0) continue;
      const besides = changes.get(`${merge.tree} ${tree}`) ?? [];
      own.set(oid, [...besides, ...moved.get(oid) ?? [], ...merge.conflicts]);
    }
    return own;
  });
}
var FILES_STAY = ["-c", "merge.directoryRenames=false"];
async function mergeAll(inside, pairs, settings = []) {
  const input = pairs.map((pair) => `${pair.join(" ")}
`).join("");
  const options = ["--no-messages", "--name-only", "--allow-unrelated-histories", "--stdin"];
  const all = ["-c", `core.attributesFile=${import_node_os2.devNull}`, ...settings];
  const args = [...all, "merge-tree", "--write-tree", ...options];
  const { stdout } = await runRawGit(args, inside, input);
  const tokens = stdout.toString("utf8").split("\0");
  const merges = [];
  for (let at = 0, end = 0; end >= 0; at = end + 1) {
    end = tokens.indexOf("", at + 2);
    const [status, tree, ...conflicts] = tokens.slice(at, end);
    if (end >= 0 && tree !== void 0) merges.push({ tree, isClean: status === "1", conflicts });
  }
  return pairs.map((_, place) => merges[place]);
}
async function withoutSettings(env, objectFormat, use) {
  const folder = (0, import_node_fs7.mkdtempSync)((0, import_node_path7.join)((0, import_node_fs7.realpathSync)((0, import_node_os2.tmpdir)()), "git-signet-merge-"));
  const remove = () => (0, import_node_fs7.rmSync)(folder, { recursive: true, force: true });
  process.once("exit", remove);
  try {
    for (const name of ["objects", "refs"]) (0, import_node_fs7.mkdirSync)((0, import_node_path7.join)(folder, name));
    (0, import_node_fs7.writeFileSync)((0, import_node_path7.join)(folder, "HEAD"), "ref: refs/heads/none\n");
    (0, import_node_fs7.writeFileSync)(
      (0, import_node_path7.join)(folder, "config"),
      `[core]
repositoryFormatVersion = 1
bare = true
[extensions]
objectFormat = ${objectFormat}
`
    );
    return await use({ ...env, ...await borrow(env), ...NO_SETTINGS, GIT_DIR: folder });
  } finally {
    process.off("exit", remove);
    remove();
  }
}
async function borrow(env) {
  const { stdout } = await runRawGit(
    ["rev-parse", "--path-format=absolute", "--git-path", "objects", "--git-path", "shallow"],
    env
  );
  const [objects = "", shallow = ""] = stdout.toString("utf8").split("\n");
  const before = env["GIT_ALTERNATE_OBJECT_DIRECTORIES"] ?? "";
  return {
    GIT_OBJECT_DIRECTORY: void 0,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: [quote(objects), ...before === "" ? [] : [before]].join(import_node_path7.delimiter),
    GIT_SHALLOW_FILE: env["GIT_SHALLOW_FILE"] ?? shallow
  };
}
function quote(path) {
  return `"${path.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
var NO_SETTINGS = {
  GIT_CONFIG_GLOBAL: import_node_os2.devNull,
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_COUNT: void 0,
  GIT_CONFIG_PARAMETERS: void 0,
  GIT_ATTR_NOSYSTEM: "1",
  GIT_ATTR_SOURCE: void 0,
  GIT_COMMON_DIR: void 0,
  GIT_WORK_TREE: void 0,
  GIT_NAMESPACE: void 0
};

// src/adapters/git/objectLookup.ts
init_errors();
function objectLookup(env) {
  let git;
  const ask2 = (command, answer) => {
    git ??= startDialogue(env);
    return git.ask(command, answer);
  };
  return {
    head: async (name) => {
      if (name.includes("\n")) throw failed("a name has two lines");
      return ask2(`info ${name}`, readHead);
    },
    content: ({ oid, size }) => ask2(`contents ${oid}`, async (reader) => {
      const head = await readHead(reader);
      if (head?.oid !== oid || head.size !== size) throw failed("an object changed while it was read");
      const bytes = await reader.bytes(size);
      await reader.skip(1);
      return Uint8Array.from(bytes);
    })
  };
}
function startDialogue(env) {
  const { child, ended, said } = startRawGit(["cat-file", "--batch-command"], env);
  const reader = new ByteReader(child.stdout);
  let waiting = 0;
  let last3 = Promise.resolve();
  keepWaiting(child, false);
  return {
    ask: (command, answer) => {
      waiting += 1;
      keepWaiting(child, true);
      child.stdin.write(`${command}
`);
      const answered = last3.then(() => answer(reader)).catch(async (error) => {
        if (error !== OVER) throw error;
        await ended;
        throw failed(said());
      }).finally(() => {
        waiting -= 1;
        if (waiting === 0) keepWaiting(child, false);
      });
      last3 = answered.catch(() => {
      });
      return answered;
    }
  };
}
function keepWaiting(child, isWaiting) {
  const pipes = [child.stdin, child.stdout, child.stderr];
  for (const handle of [child, ...pipes]) {
    if (isWaiting) handle.ref();
    else handle.unref();
  }
}
var OVER = /* @__PURE__ */ Symbol("git has ended");
async function readHead(reader) {
  const line = await reader.line();
  if (line === void 0) throw OVER;
  const [, oid, type, size] = /^([0-9a-f]{40,64}) ([a-z]+) (\d{1,15})$/.exec(line) ?? [];
  if (oid !== void 0 && type !== void 0) return { oid, type, size: Number(size) };
  if (line.endsWith(" missing")) return void 0;
  throw failed("it answered what cannot be read");
}
function failed(said) {
  return new SignetError(
    "malformed",
    `git cat-file could not read the repository: ${said}.`,
    "Nothing was judged good. Run git fsck there to see what is wrong."
  );
}

// src/adapters/git/openRawGit.ts
init_errors();
init_callGit();
function openRawGit(env, known2) {
  const run2 = (args) => {
    const { status, stdout, stderr, error } = callRawGit(args, env);
    if (status === 0) return stdout.toString("utf8");
    throw gitFailed(complaintOf(stderr), error);
  };
  const objectFormat = known2 ?? askFormat(run2, env);
  if (objectFormat !== "sha1" && objectFormat !== "sha256") {
    throw new SignetError(
      "usage",
      `The repository names objects by ${objectFormat}.`,
      "Only SHA-1 and SHA-256 are known."
    );
  }
  return { objectFormat, run: run2, start: (args) => startRawGit(args, env) };
}
function askFormat(run2, env) {
  const answer = run2(["rev-parse", "--show-object-format", "--path-format=absolute", "--git-common-dir"]);
  const end = answer.indexOf("\n");
  rememberCommonFolder(env, answer.slice(end + 1).replace(/\n$/, ""));
  return answer.slice(0, end);
}
function gitFailed(said, cause) {
  return new SignetError("usage", `git could not read the repository: ${said}.`, adviceOn2(said), cause);
}
function adviceOn2(said) {
  if (said.startsWith("not a git repository")) return "Run it inside of one.";
  if (isOthers(said)) return ADVICE_ON_OTHERS;
  if (said === "bad revision 'HEAD'") return "Is there no commit yet? Else name a commit, a tag or a range.";
  return "Name a commit, a tag or a range of a repository that is here.";
}

// src/adapters/git/symbolicRefs.ts
var import_node_fs8 = require("node:fs");
var import_node_path8 = require("node:path");
function symbolicRefs(commonFolder2) {
  const next = /* @__PURE__ */ new Map();
  const open2 = ["refs"];
  for (let folder = open2.pop(); folder !== void 0; folder = open2.pop()) {
    for (const entry of ifThere(() => (0, import_node_fs8.readdirSync)((0, import_node_path8.join)(commonFolder2, folder), { withFileTypes: true })) ?? []) {
      const name = `${folder}/${entry.name}`;
      if (entry.isDirectory()) open2.push(name);
      else {
        const target = ifThere(() => readTarget(entry, (0, import_node_path8.join)(commonFolder2, name)));
        if (target !== void 0) next.set(name, target);
      }
    }
  }
  return new Map([...next].map(([name, target]) => [name, lastOf(target, next)]));
}
function readTarget(entry, path) {
  if (entry.isSymbolicLink()) return (0, import_node_fs8.readlinkSync)(path);
  return /^ref:\s*(.*?)\s*$/.exec((0, import_node_fs8.readFileSync)(path, "utf8"))?.[1];
}
function ifThere(read) {
  try {
    return read();
  } catch (error) {
    if (error.code === "ENOENT") return void 0;
    throw error;
  }
}
function lastOf(target, next) {
  let last3 = target;
  for (let left = next.size; left > 0; left -= 1) last3 = next.get(last3) ?? last3;
  return last3;
}

// src/adapters/git/gateReader.ts
function openGateReader(env, known2) {
  const git = openRawGit(env, known2);
  const objects = objectLookup(env);
  let refs;
  const run2 = (args, input = "") => runChecked(args, env, input);
  return {
    objectFormat: git.objectFormat,
    refs: () => {
      refs ??= run2(["for-each-ref", "--format=%(objectname) %(refname) %(symref)"]).then(parseRefs);
      return refs;
    },
    symbolicTarget: async (ref) => {
      const { status, stdout, said } = await runRawGit(["symbolic-ref", "-q", ref], env);
      if (status === 0) return stdout.toString("utf8").trim();
      if (status === 1) return void 0;
      throw failed2("symbolic-ref", said);
    },
    symbolicRefs: () => symbolicRefs(commonFolder(env)),
    types: async (oids) => {
      const heads = await Promise.all(oids.map((oid) => objects.head(oid)));
      return new Map(heads.flatMap((head) => head === void 0 ? [] : [[head.oid, head.type]]));
    },
    firstParents: (tip, not, max) => firstParentLine(run2, tip, not, max),
    commits: (tips, not, max) => walk(run2, [`--max-count=${max + 1}`, "--topo-order"], tips, not),
    isAncestor: async (ancestor, tip) => {
      const { status, said } = await runRawGit(["merge-base", "--is-ancestor", ancestor, tip], env);
      if (status === 0 || status === 1) return status === 0;
      throw failed2("merge-base", said);
    },
    objects: (requests) => readObjects(git, requests),
    changes: async (pairs, only) => toChanges(await changedPaths(env, pairs, only)),
    ownChanges: async (commits, only) => {
      const merges = commits.filter(({ parents }) => parents.length === 2);
      const like = only === void 0 ? NO_CHANGES : await compare(env, merges, only);
      const asked = merges.filter(({ oid }) => only === void 0 || (like.get(oid) ?? []).length > 0);
      const own = toChanges(await changedByMerges(env, git.objectFormat, asked));
      const isLeft = ({ oid }) => !own.has(oid) && !like.has(oid);
      const rest = await compare(env, commits.filter(isLeft), only);
      const isAsked = (path) => only === void 0 || path === only;
      const ofMerges = [...own].map(([oid, paths]) => [oid, paths.filter(isAsked)]);
      return new Map([...like, ...rest, ...ofMerges]);
    },
    mergedTrees: (pairs) => mergedTrees(env, git.objectFormat, pairs),
    moved: async (merges) => toChanges(await movedPaths(env, merges)),
    movedByMerge: async (pair) => toChanges(await movedByMerge(env, git.objectFormat, pair)),
    file: async (commit, path, maxBytes) => {
      const head = await objects.head(`${commit}:${path}`);
      if (head?.type !== "blob") return void 0;
      if (head.size > maxBytes) return "too-large";
      return objects.content(head);
    }
  };
}
var NO_CHANGES = /* @__PURE__ */ new Map();
async function compare(env, commits, only) {
  const pairs = commits.flatMap(
    ({ oid, parents: [first, ...others] }) => [first, ...others].map((parent) => ({ commit: oid, parent }))
  );
  return toChanges(await changedPaths(env, pairs, only));
}
async function runChecked(args, env, input) {
  const { status, stdout, said } = await runRawGit(args, env, input);
  if (status !== 0) throw failed2(args[0] ?? "", said);
  return stdout;
}
function toChanges(changes) {
  if (typeof changes === "string") throw failed2("diff-tree", changes);
  return changes;
}
function failed2(command, said) {
  return new SignetError(
    "malformed",
    `git ${command} could not read the repository: ${said}.`,
    "Nothing was judged good. Run git fsck there to see what is wrong."
  );
}
function parseRefs(output) {
  const refs = /* @__PURE__ */ new Map();
  for (const line of output.toString("utf8").split("\n").slice(0, -1)) {
    const [, oid = "", name = "", target = ""] = /^([0-9a-f]{40,64}) ([^ ]+) ([^ ]*)$/.exec(line) ?? [];
    if (name === "") throw failed2("for-each-ref", "a line of it cannot be read");
    refs.set(name, target === "" ? { oid } : { oid, target });
  }
  return refs;
}
async function firstParentLine(run2, tip, not, max) {
  for (let count = FIRST_LINES; ; count *= 16) {
    const walked = await walk(run2, ["--first-parent", `--max-count=${count}`], [tip, ...not], []);
    const byId = new Map(walked.map((commit) => [commit.oid, commit]));
    const known2 = /* @__PURE__ */ new Set();
    for (const start of not) {
      for (const { oid } of lineFrom2(start, byId, known2)) known2.add(oid);
    }
    if (known2.has(tip)) return [];
    if (walked.length < count) return [...lineFrom2(tip, byId, known2)].slice(0, max + 1);
  }
}
var FIRST_LINES = 512;
function* lineFrom2(tip, byId, stop) {
  let next = byId.get(tip);
  while (next !== void 0 && !stop.has(next.oid)) {
    yield next;
    next = byId.get(next.parents[0] ?? "");
  }
}
async function walk(run2, options, tips, not) {
  const input = [...tips, ...not.map((oid) => `^${oid}`)].map((line) => `${line}
`).join("");
  const output = await run2(["rev-list", "--parents", ...options, "--stdin"], input);
  const lines = output.toString("latin1").split("\n").slice(0, -1);
  return lines.map((line) => {
    const [oid = "", ...parents] = line.split(" ");
    return { oid, parents };
  });
}

// src/adapters/git/notesRead.ts
init_limits();
init_errors();

// src/adapters/git/blobReader.ts
init_errors();

// src/adapters/git/batchOutput.ts
function readBatchItem(output, at) {
  const head = readBatchHead(output, at);
  if (head === void 0 || output.length < head.end) return void 0;
  const { type, start, end } = head;
  return { type, content: type === void 0 ? new Uint8Array(0) : output.subarray(start, end - 1), end };
}
function readBatchHead(output, at) {
  const start = output.indexOf(10, at) + 1;
  if (start === 0) return void 0;
  const [, type, size] = /^[0-9a-f]{40,64} ([a-z]+) (\d{1,15})$/.exec(output.toString("latin1", at, start - 1)) ?? [];
  return { type, start, end: type === void 0 ? start : start + Number(size) + 1 };
}

// src/adapters/git/blobReader.ts
var MAX_BLOB_BYTES = 8 << 20;
function blobReader(env, maxBytes = MAX_BLOB_BYTES) {
  let git;
  return {
    read(oid) {
      git ??= startGit(env, maxBytes);
      return git.ask(oid);
    },
    close: () => git?.end()
  };
}
var MAX_HEAD_BYTES = 128;
function startGit(env, maxBytes) {
  const { child, ended } = startRawGit(["cat-file", "--batch"], env);
  const waiting = [];
  let unread = Buffer.alloc(0);
  let passing = 0;
  let isOver = false;
  void ended.then(() => {
    isOver = true;
    for (const { reject } of waiting.splice(0)) reject(broken());
  });
  child.stdout.on("data", (chunk) => {
    const next = chunk.subarray(passing);
    passing -= chunk.length - next.length;
    unread = unread.length === 0 ? next : Buffer.concat([unread, next]);
    for (let item = readBatchItem(unread, 0); item !== void 0; item = readBatchItem(unread, 0)) {
      unread = unread.subarray(item.end);
      waiting.shift()?.resolve(item.type === "blob" ? Uint8Array.from(item.content) : void 0);
    }
    const { end } = readBatchHead(unread, 0) ?? { end: 0 };
    if (end <= maxBytes + MAX_HEAD_BYTES) return;
    passing = end - unread.length;
    unread = Buffer.alloc(0);
    waiting.shift()?.resolve(void 0);
  });
  return {
    ask: (oid) => new Promise((resolve3, reject) => {
      if (isOver) return reject(broken());
      waiting.push({ resolve: resolve3, reject });
      child.stdin.write(`${oid}
`);
    }),
    end: () => child.stdin.end()
  };
}
function broken() {
  return new SignetError(
    "config",
    "git stopped while notes were read.",
    "Run git fsck to see what is wrong."
  );
}

// src/adapters/git/notesFormat.ts
init_limits();
var NOTES_REF = "refs/notes/signet";
var PREFIX = "entry-v1 ";
function parseNote(note) {
  if (note.length > MAX_NOTE_BYTES) return { entries: [] };
  const lines = linesOf(note).filter((line) => line.startsWith(PREFIX));
  const entries = lines.slice(0, MAX_NOTE_ENTRIES).flatMap((line) => {
    const base64 = line.slice(PREFIX.length).trimEnd();
    const entry = Buffer.from(base64, "base64");
    return entry.length > 0 && entry.toString("base64") === base64 ? [entry] : [];
  });
  return { entries };
}
function notePaths(oid) {
  const parts = [oid.slice(0, 2), oid.slice(2, 4), oid.slice(4, 6)];
  return [
    oid,
    `${parts[0]}/${oid.slice(2)}`,
    `${parts[0]}/${parts[1]}/${oid.slice(4)}`,
    `${parts.join("/")}/${oid.slice(6)}`
  ];
}
function linesOf(note) {
  return Buffer.from(note).toString("latin1").split("\n").filter((line) => line !== "");
}

// src/adapters/git/notesRead.ts
function notesSource(env, at = NOTES_REF) {
  const blobs = blobReader(env, MAX_NOTE_BYTES);
  let tree;
  return {
    name: `git notes (${NOTES_REF})`,
    async find({ oid }) {
      tree ??= listNotes(env, at);
      const places = (await tree).places.get(oid);
      if (places === void 0) return NO_EVIDENCE;
      const [, ours] = notePaths(oid);
      const inOrder2 = places.toSorted((a, b) => Number(b.path === ours) - Number(a.path === ours));
      const notes = await Promise.all(inOrder2.map(({ blob }) => blobs.read(blob)));
      const entries = notes.flatMap((note) => note === void 0 ? [] : parseNote(note).entries);
      return { entries: entries.slice(0, MAX_NOTE_ENTRIES) };
    },
    close: () => blobs.close()
  };
}
async function listNotes(env, at = NOTES_REF) {
  const found = await runRawGit(["rev-parse", "--verify", "--quiet", `${at}^{commit}`], env);
  const commit = found.stdout.toString("latin1").trim();
  if (found.status === 1) return { commit: void 0, places: /* @__PURE__ */ new Map() };
  if (found.status !== 0) throw unreadable2(found.said);
  const list3 = ["ls-tree", "-r", "-z", "--full-tree", commit];
  const listed = await runRawGit(list3, env, "", MAX_NOTES_LIST_BYTES);
  if (listed.status !== 0) throw unreadable2(listed.said);
  return { commit, places: parseTree(listed.stdout) };
}
function parseTree(output) {
  const places = /* @__PURE__ */ new Map();
  for (const line of output.toString("latin1").split("\0")) {
    const [, blob = "", path = ""] = /^\d{6} blob ([0-9a-f]{40,64})\t([0-9a-f/]{40,128})$/.exec(line) ?? [];
    const oid = path.replaceAll("/", "");
    if (oid.length !== blob.length || blob === "") continue;
    const known2 = places.get(oid);
    if (known2 === void 0) places.set(oid, [{ path, blob }]);
    else known2.push({ path, blob });
  }
  return places;
}
function unreadable2(said) {
  return new SignetError(
    "config",
    `git cannot read the notes in ${NOTES_REF}: ${said}.`,
    "Run this inside a repository; git fsck shows whether something in it is broken."
  );
}

// src/adapters/policyKeys.ts
var import_node_path10 = require("node:path");

// src/adapters/keySignatures.ts
var import_node_child_process2 = require("node:child_process");
var import_node_fs9 = require("node:fs");
var import_node_os3 = require("node:os");
var import_node_path9 = require("node:path");
init_gitObject();
init_limits();
init_childEnvironment();
init_findProgram();
function openKeyJudge(source) {
  const identities = source.policy.signers.flatMap((signer) => signer.identities);
  const sshKeys = identities.flatMap((one) => one.type === "ssh" ? [one.key] : []);
  const pgpKeys = identities.filter((one) => one.type === "openpgp");
  let folder;
  let ring;
  const place = () => {
    folder ??= (0, import_node_fs9.mkdtempSync)((0, import_node_path9.join)((0, import_node_os3.tmpdir)(), "git-signet-keys-"));
    return folder;
  };
  return {
    judge: async ({ raw, kind, objectFormat }) => {
      const { payload, signature, format } = splitObject(raw, kind, objectFormat);
      if (signature === void 0) return void 0;
      if (signature.length > MAX_ARMOR_BYTES || !isOneBlock(signature)) return OTHER;
      const signed = { payload, signature, folder: place(), env: source.env };
      if (format === "ssh" && sshKeys.length > 0) {
        const key = sshKeyIn(signature);
        if (key === void 0 || !sshKeys.includes(key)) return OTHER;
        return verifySsh(signed, key) ?? { facts: { type: "ssh", key, at: source.clock() } };
      }
      if (format === "pgp" && pgpKeys.length > 0) {
        ring ??= importKeys(pgpKeys, source, place());
        const found = verifyOpenPgp(signed, await ring);
        return typeof found === "object" ? found : { facts: { type: "openpgp", fingerprint: found, at: source.clock() } };
      }
      return void 0;
    },
    close: () => {
      if (folder !== void 0) (0, import_node_fs9.rmSync)(folder, { recursive: true, force: true });
    }
  };
}
function isOneBlock(signature) {
  const text4 = Buffer.from(signature.buffer, signature.byteOffset, signature.length).toString("latin1");
  return /^-----BEGIN ([A-Z ]+)-----\n(?:(?!-----)[^\n]*\n)+-----END \1-----\n*$/.test(text4);
}
var OTHER = { reason: "other-format" };
var FAILED = { reason: "signature-failed" };
function sshKeyIn(signature) {
  const text4 = Buffer.from(signature.buffer, signature.byteOffset, signature.length).toString("latin1");
  const bytes = Buffer.from(text4.replace(/-----[^-]+-----|\s/g, ""), "base64");
  if (bytes.length < 14 || bytes.toString("latin1", 0, 6) !== "SSHSIG") return void 0;
  const key = bytes.subarray(14, 14 + bytes.readUInt32BE(10));
  const type = key.length < 4 ? "" : key.toString("latin1", 4, 4 + key.readUInt32BE(0));
  return /^[\w.@-]+$/.test(type) ? `${type} ${key.toString("base64")}` : void 0;
}
function verifySsh({ payload, signature, folder, env }, key) {
  const allowed2 = (0, import_node_path9.join)(folder, "allowed_signers");
  const file = (0, import_node_path9.join)(folder, "signature");
  (0, import_node_fs9.writeFileSync)(allowed2, `key namespaces="git" ${key}
`, PRIVATE);
  (0, import_node_fs9.writeFileSync)(file, signature, PRIVATE);
  const check2 = ["-Y", "verify", "-n", "git", "-f", allowed2, "-I", "key", "-s", file];
  const ended = run("ssh-keygen", check2, { env, folder, input: payload });
  if (ended === void 0) return OTHER;
  return ended.status === 0 ? void 0 : FAILED;
}
async function importKeys(keys, { file, env }, folder) {
  (0, import_node_fs9.writeFileSync)((0, import_node_path9.join)(folder, "common.conf"), "", PRIVATE);
  for (const { file: path } of keys) {
    const bytes = await file(path);
    if (bytes === void 0 || bytes.length > MAX_KEY_BYTES) continue;
    run("gpg", [...gpgOptions(folder), "--import-options", "import-clean", "--import"], {
      env,
      folder,
      input: bytes
    });
  }
  return new Set(keys.map(({ fingerprint }) => fingerprint));
}
var MAX_KEY_BYTES = 1 << 20;
function verifyOpenPgp({ payload, signature, folder, env }, ring) {
  const file = (0, import_node_path9.join)(folder, "signature");
  (0, import_node_fs9.writeFileSync)(file, signature, PRIVATE);
  const args = [...gpgOptions(folder), "--status-fd=1", "--verify", file, "-"];
  const ended = run("gpg", args, { env, folder, input: payload });
  if (ended === void 0 || ring === void 0) return OTHER;
  const words = ended.stdout.split("\n").map((line) => line.replace("[GNUPG:] ", "").split(" "));
  const results = words.filter(([word = ""]) => /^(GOOD|BAD|ERR|EXP|EXPKEY|REVKEY)SIG$/.test(word));
  const valid = words.filter(([word]) => word === "VALIDSIG");
  const result = results.length === 1 ? results[0]?.[0] : void 0;
  if (result === "BADSIG") return FAILED;
  const isGood = result === "GOODSIG" && valid.length === 1 && ended.status === 0;
  const fingerprint = valid[0]?.at(-1) ?? "";
  return isGood && ring.has(fingerprint) ? fingerprint : OTHER;
}
function gpgOptions(folder) {
  const quiet = ["--batch", "--no-tty", "--quiet", "--no-options", "--no-autostart", "--disable-dirmngr"];
  return ["--homedir", folder, ...quiet, "--no-auto-key-retrieve", "--trust-model", "always"];
}
var PRIVATE = { mode: 384 };
function run(name, args, { env, folder, input }) {
  const program = findProgram(name, env);
  if (program === void 0) return void 0;
  const { status, stdout } = (0, import_node_child_process2.spawnSync)(program, args, {
    env: { ...childEnvironment(env), GNUPGHOME: folder, LC_ALL: "C" },
    cwd: folder,
    input: input ?? "",
    stdio: ["pipe", "pipe", "ignore"],
    timeout: 1e4,
    maxBuffer: 1 << 20,
    windowsHide: true
  });
  return status === null ? void 0 : { status, stdout: stdout.toString("utf8") };
}

// src/adapters/policyKeys.ts
init_readBytes();
function openPolicyKeys({ repository, env, clock }) {
  const judges = /* @__PURE__ */ new Map();
  const open2 = (placed) => {
    const known2 = judges.get(placed.file);
    if (known2 !== void 0) return known2;
    const file = (path) => readKeyFile(path, placed, repository);
    const judge3 = openKeyJudge({ policy: placed.file, file, env, clock });
    judges.set(placed.file, judge3);
    return judge3;
  };
  return {
    judge: (object, placed) => open2(placed).judge(object),
    close: () => {
      for (const judge3 of judges.values()) judge3.close();
    }
  };
}
async function readKeyFile(path, { commit, folder }, repository) {
  if (commit !== void 0) {
    const bytes = await repository.file(commit, path, MAX_KEY_BYTES);
    return bytes === "too-large" ? void 0 : bytes;
  }
  if (folder === void 0) return void 0;
  try {
    return readFileBytes((0, import_node_path10.join)(folder, path), MAX_KEY_BYTES, "config");
  } catch (error) {
    if (error.code === "ENOENT") return void 0;
    throw error;
  }
}

// src/cli/gating.ts
init_settings();
init_choice();
init_loadTrust();

// src/app/verifyObjects.ts
init_gitObject();
init_errors();
var BATCH_OBJECTS = 16;
var BATCH_BYTES = 1 << 20;
var MAX_HELD_BYTES2 = 16 << 20;
var LOOKUPS = 8;
async function* judgeObjects(objects, options) {
  const working = [];
  const asking = {
    sources: options.sources.map((source) => toAsked(source, options.signal)),
    turn: turnsOf(LOOKUPS)
  };
  let held = 0;
  for await (const batch of inBatches(objects)) {
    const judged = judgeBatch(batch, options, asking);
    judged.catch(() => {
    });
    const bytes = batch.reduce((sum, { raw }) => sum + raw.length, 0);
    working.push({ judged, bytes });
    held += bytes;
    while (working.length > options.judge.parallel || held > MAX_HELD_BYTES2) {
      const first = working.shift();
      yield* await first.judged;
      held -= first.bytes;
    }
  }
  for (const { judged } of working) yield* await judged;
}
async function* inBatches(objects) {
  let batch = [];
  let bytes = 0;
  for await (const object of objects) {
    batch.push(object);
    bytes += object.raw.length;
    if (batch.length < BATCH_OBJECTS && bytes < BATCH_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}
var MAX_NONSENSE = 5;
function toAsked(source, signal) {
  const failed3 = new AbortController();
  return { source, failed: failed3, signal: AbortSignal.any([signal, failed3.signal]), nonsense: 0 };
}
function turnsOf(most) {
  const waiting = [];
  let free = most;
  return async (task) => {
    if (free > 0) free--;
    else await new Promise((resolve3) => waiting.push(resolve3));
    try {
      await task();
    } finally {
      const next = waiting.shift();
      if (next === void 0) free++;
      else next();
    }
  };
}
async function judgeBatch(batch, options, asking) {
  const cases = batch.map((object) => ({ object }));
  for (const one of cases) {
    if (one.object.problem !== void 0) one.found = toUnreadable(one.object.problem);
    else recall(one, options.facts);
  }
  const unknown = cases.filter(({ found }) => found === void 0);
  await judgeCases(unknown, options.judge);
  for (const source of asking.sources) {
    const open2 = unknown.filter(lacksEntry);
    await Promise.all(open2.map((one) => asking.turn(() => findEntries(one, source))));
    const withEntries = open2.filter(({ evidence }) => (evidence?.entries.length ?? 0) > 0);
    for (const one of withEntries) recall(one, options.facts);
    await judgeCases(
      withEntries.filter(({ recalled }) => !recalled),
      options.judge
    );
  }
  for (const { object, found, evidence, recalled } of unknown) {
    if (found !== void 0 && isSound(found) && !recalled) options.facts?.save(object, found, evidence);
  }
  return cases.map(({ object, found, evidence, unasked }) => {
    const decided = options.decide(found, object);
    const verdict = checkTagName(object, decided);
    return {
      object,
      verdict,
      renamed: verdict !== decided,
      ...evidence !== void 0 && { evidence },
      ...unasked !== void 0 && { unasked }
    };
  });
}
function recall(one, facts) {
  const known2 = facts?.load(one.object, one.evidence);
  if (known2 === void 0) return;
  one.found = known2;
  one.recalled = true;
}
async function judgeCases(cases, judge3) {
  if (cases.length === 0) return;
  const tasks = cases.map(
    ({ object, evidence }) => evidence === void 0 ? { object } : { object, evidence }
  );
  const found = await judge3.judge(tasks);
  for (const [place, one] of cases.entries()) one.found = found[place];
}
function lacksEntry({ found }) {
  if (found === void 0 || isSound(found)) return false;
  return found.status === "unproven" && found.checks.logEntry.result === "skipped";
}
async function findEntries(one, asked) {
  const { source, failed: failed3, signal } = asked;
  const { raw, kind, objectFormat } = one.object;
  const { payload, signature } = splitObject(raw, kind, objectFormat);
  const query = signature && onlineQuery(payload, signature);
  delete one.evidence;
  if (query === void 0) return;
  if (failed3.signal.aborted) {
    one.unasked = failed3.signal.reason;
    return;
  }
  try {
    one.evidence = await source.find({ ...query, oid: one.object.oid }, signal);
    asked.nonsense = 0;
  } catch (error) {
    if (!isSignetError(error)) throw error;
    one.unasked = error;
    if (error.code !== "service-answer" || ++asked.nonsense === MAX_NONSENSE) failed3.abort(error);
  }
}
var UNSEEN3 = { result: "skipped", detail: "not reached" };
var NOTHING_CHECKED = Object.fromEntries(CHECKS.map((name) => [name, UNSEEN3]));
function toUnreadable({ text: text4 }) {
  return {
    status: "unreadable",
    format: "none",
    reason: text4,
    checks: NOTHING_CHECKED,
    algorithm: { publicKey: 0, hash: 0 }
  };
}
function checkTagName(object, verdict) {
  if (verdict.status !== "good" && verdict.status !== "untrusted") return verdict;
  const { ref } = object;
  const name = object.kind === "tag" ? claimsOf(object.raw).tag : void 0;
  if (ref === void 0 || !ref.startsWith("refs/tags/") || name === void 0 || isTagOf(name, ref)) {
    return verdict;
  }
  const reason = `the tag calls itself "${name}", but the ref that names it is ${ref}`;
  const { checks, algorithm, signer } = verdict;
  const payload = { result: "failed", detail: reason };
  return { status: "bad", reason, checks: { ...checks, payload }, algorithm, signer };
}

// src/cli/gating.ts
init_policy();

// src/cli/judging.ts
var import_node_os4 = require("node:os");
var import_node_v8 = require("node:v8");
init_config();
init_instance();

// src/adapters/rekorSearch.ts
init_bytes();
init_limits();
init_errors();

// src/adapters/answer.ts
init_errors();

// src/adapters/rekorSearch.ts
init_http();
init_refusal();

// src/adapters/rekor.ts
init_limits();
init_http();
init_refusal();
init_retry();

// src/adapters/rekorSearch.ts
init_retry();

// src/cli/judging.ts
init_settings();
init_loadTrust();

// src/adapters/trust/services.ts
init_choice();

// src/adapters/tuf/refresh.ts
init_limits();
init_errors();
init_readBytes();
init_wishes();
init_cache();
init_mirrors();

// src/app/judgeHere.ts
init_assume();

// src/core/verify.ts
init_assume();

// src/core/rareChecks.ts
var import_node_crypto24 = require("node:crypto");
init_bytes();

// src/core/conclude.ts
function unreadable3(format, reason, about) {
  const algorithm = about?.algorithm ?? { publicKey: 0, hash: 0 };
  const verdict = { status: "unreadable", format, reason, checks: NOT_REACHED, algorithm };
  return about === void 0 ? verdict : { ...verdict, fingerprint: fingerprintOf(about.leaf) };
}
function conclude({ algorithm, leaf, checks, signer }) {
  const failed3 = CHECKS.find((name) => checks[name].result === "failed");
  if (failed3 !== void 0 || signer === void 0) {
    const reason2 = checks[failed3 ?? "certificate"].detail;
    const fingerprint = fingerprintOf(leaf);
    return { status: "bad", reason: reason2, checks, algorithm, fingerprint, ...signer && { signer } };
  }
  const reason = checks[checks.sct.result === "skipped" ? "sct" : "logEntry"].detail;
  return { status: "unproven", reason, checks, algorithm, signer };
}

// src/core/rareChecks.ts
init_der();

// src/core/evidenceEntry.ts
var import_node_crypto19 = require("node:crypto");
init_bytes();
init_chain();
init_failure();
init_keys();
init_limits();

// src/core/rekorV2Entry.ts
var import_node_crypto18 = require("node:crypto");
init_bytes();
init_failure();
var P256 = { details: "PKIX_ECDSA_P256_SHA_256", algorithm: "SHA2_256", digest: "sha256" };
var DETAILS = {
  "P-256": P256,
  "P-384": { details: "PKIX_ECDSA_P384_SHA_384", algorithm: "SHA2_384", digest: "sha384" },
  "P-521": { details: "PKIX_ECDSA_P521_SHA_512", algorithm: "SHA2_512", digest: "sha512" },
  "RSA 2048": { details: "PKIX_RSA_PKCS1V15_2048_SHA256", algorithm: "SHA2_256", digest: "sha256" },
  "RSA 3072": { details: "PKIX_RSA_PKCS1V15_3072_SHA256", algorithm: "SHA2_256", digest: "sha256" },
  "RSA 4096": { details: "PKIX_RSA_PKCS1V15_4096_SHA256", algorithm: "SHA2_256", digest: "sha256" }
};
function keyDetailsOf2({ type, key }) {
  const name = type === "RSA" ? `RSA ${key().asymmetricKeyDetails?.modulusLength}` : type;
  return DETAILS[name] ?? refuse("no Rekor v2 log takes signatures by a key of this kind");
}
function bodyV2Of(cms, leaf) {
  const details = keyDetailsOf2(leaf.publicKey());
  const digest = (0, import_node_crypto18.hash)(details.digest, cms.artifact, "buffer");
  return encodeHashedRekordV2(digest, cms.signature, leaf.der, details);
}
function encodeHashedRekordV2(digest, signature, certificate, { details, algorithm } = P256) {
  return Buffer.from(
    `{"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{"data":{"algorithm":"${algorithm}","digest":"${toBase64(digest)}"},"signature":{"content":"${toBase64(signature)}","verifier":{"keyDetails":"${details}","x509Certificate":{"rawBytes":"${toBase64(certificate)}"}}}}}}`,
    "latin1"
  );
}
function openV2Entry(entry, body, times, trust) {
  const log = findLog(entry, trust, times);
  if (!["hashedrekord 0.0.1", "hashedrekord 0.0.2"].includes(entry.kindVersion)) {
    return refuse("the log entry is of an unknown kind");
  }
  if (entry.signedEntryTimestamp.length > 0 || entry.integratedTime !== 0n) {
    return refuse("the log entry has a time or promise, which logs of its kind do not give");
  }
  const { logIndex, inclusionProof } = entry;
  const checkpoint = openCheckpoint(inclusionProof.checkpoint, log, checkLogId);
  checkAgreement(entry, checkpoint);
  const { treeSize } = checkpoint;
  checkInclusion(body, { logIndex, treeSize, hashes: inclusionProof.hashes }, checkpoint);
  return { logIndex, logId: log.logId, logUrl: log.baseUrl, source: "embedded" };
}
function checkAgreement({ logIndex, inclusionProof }, checkpoint) {
  const { logIndex: place, treeSize, rootHash } = inclusionProof;
  if (place !== 0n && place !== logIndex) {
    refuse("the inclusion proof is for another index than the log entry");
  }
  if (treeSize !== 0n && treeSize !== checkpoint.treeSize) {
    refuse("the inclusion proof is for another tree size than the checkpoint");
  }
  if (rootHash.length > 0 && !sameBytes(rootHash, checkpoint.rootHash)) {
    refuse("the inclusion proof is for another root than the checkpoint");
  }
}
function checkLogId(origin, log) {
  if (/ - \d+$/.test(origin) || keyIdOf(origin, log) !== log.logId)
    refuse("the checkpoint is of another log");
}
function keyIdOf(name, log) {
  const { publicKey, spki } = log.key();
  switch (publicKey.type) {
    case "Ed25519":
      return sha256(Buffer.from(`${name}
`), spki.subarray(-32));
    case "RSA":
      return sha256(Buffer.from(`${name}
`), Buffer.of(255), Buffer.from("PKIX-RSA-PKCS#1v1.5"), spki);
    case "P-256":
    case "P-384":
    case "P-521":
      return sha256(spki);
  }
}
function sha256(...parts) {
  return (0, import_node_crypto18.hash)("sha256", Buffer.concat(parts), "hex");
}

// src/core/evidenceEntry.ts
function openEvidence(signed, { entries }, tokens, trust, why) {
  let best;
  let obstacle = "";
  for (const bytes of entries.slice(0, MAX_EVIDENCE_ENTRIES)) {
    try {
      const logged = openOne(signed, bytes, tokens, trust);
      if (best === void 0 || isBetter(logged, best)) best = logged;
    } catch (error) {
      if (!isCheckFailure(error)) throw error;
      obstacle = error.message;
    }
  }
  return best ?? { kind: "missing", why: `${why}, and the evidence does not help: ${obstacle}` };
}
function isBetter(one, other) {
  const [a, b] = [
    one.at?.getTime() ?? Number.POSITIVE_INFINITY,
    other.at?.getTime() ?? Number.POSITIVE_INFINITY
  ];
  return a === b ? one.proof.logIndex < other.proof.logIndex : a < b;
}
function openOne(signed, bytes, tokens, trust) {
  if (bytes.length > MAX_EVIDENCE_ENTRY_BYTES) return refuse("a log entry is larger than 64 KiB");
  const { body, ...entry } = parseEntry(bytes);
  if (body === void 0) return refuse("the log entry comes without its body");
  return isV2(entry) ? openTimeless(signed, { ...entry, body }, tokens, trust) : openTimed(signed, { ...entry, body }, trust);
}
function openTimeless({ cms, checks }, entry, tokens, trust) {
  const body = bodyV2Of(cms, checks.leaf);
  if (!sameBytes(entry.body, body)) return refuse(NOT_OF_THIS);
  const proof = openV2Entry(
    entry,
    body,
    tokens.map(({ at }) => at),
    trust
  );
  if (tokens.length === 0) return refuse("Rekor v2 entries need a timestamp token");
  return {
    kind: "logged",
    at: void 0,
    proof: { ...proof, source: "evidence" },
    note: ` without a time of its own${BESIDE}`
  };
}
function openTimed(signed, entry, trust) {
  if (entry.kindVersion !== "hashedrekord 0.0.1") return refuse("the log entry is of an unknown kind");
  const { cms, checks } = signed;
  const body = encodeHashedRekord((0, import_node_crypto19.hash)("sha256", cms.artifact, "buffer"), cms.signature, checks.leaf.der);
  const { signedAt, proof } = sameBytes(entry.body, body) ? openLogEntry(entry, body, trust) : openOnline(signed, entry, trust);
  openChain(checks, signedAt.getTime());
  return { kind: "logged", at: signedAt, proof: { ...proof, source: "evidence" }, note: BESIDE };
}
function openOnline({ payload, armored, checks }, entry, trust) {
  const objectId = armored && onlineObjectId(payload, armored);
  if (objectId === void 0) return refuse(NOT_OF_THIS);
  const { leaf } = checks;
  const signature = secondSignatureOf(entry.body);
  const body = encodeHashedRekord((0, import_node_crypto19.hash)("sha256", objectId, "buffer"), signature, leaf.der);
  if (!sameBytes(entry.body, body)) return refuse(NOT_OF_THIS);
  if (!isSignedBy(leaf.publicKey(), Buffer.from(objectId, "latin1"), signature, "sha256")) {
    return refuse("the logged signature is not by the key in the certificate");
  }
  return openLogEntry(entry, body, trust);
}
var BESIDE = ", found beside the signature";
var NOT_OF_THIS = "the log entry is of another signature";
function secondSignatureOf(body) {
  const text4 = decodeText(body, "the body of the log entry");
  const content = /"signature":\{"content":"([A-Za-z0-9+/=]{1,4096})"/.exec(text4)?.[1];
  return content === void 0 ? refuse(NOT_OF_THIS) : decodeBase64(content, "the logged signature");
}

// src/core/rareChecks.ts
init_failure();
init_gitObject();
init_oids();

// src/core/timestampToken.ts
var import_node_crypto23 = require("node:crypto");
init_bytes();
init_der();

// src/core/essCertId.ts
var import_node_crypto21 = require("node:crypto");
init_bytes();
init_der();
init_failure();

// src/core/signature.ts
var import_node_crypto20 = require("node:crypto");
init_bytes();
init_der();
init_failure();
init_keys();
init_oids();
var DIGESTS = {
  [SHA256]: ["sha256", 8],
  "2.16.840.1.101.3.4.2.2": ["sha384", 9],
  "2.16.840.1.101.3.4.2.3": ["sha512", 10]
};
function checkSignature(cms, leaf, payload) {
  const { kind, digest } = algorithmsOf(cms);
  if (kind === void 0 || digest === void 0)
    return refuse("the algorithm of the signature does not count");
  const key = leaf.publicKey();
  const fits = kind === "RSA" ? key.type === kind : key.type !== "RSA" && DEFAULT_DIGEST[key.type] === digest;
  if (!fits) return refuse("key, digest and signature algorithm do not fit together");
  checkAttributes(cms, (0, import_node_crypto20.hash)(digest, payload, "buffer"));
  if (!isSignedBy(key, cms.artifact, cms.signature, digest)) {
    return refuse("the signature is not by the key in the certificate");
  }
  return `${key.type} with ${digest}`;
}
function algorithmNumbers(cms) {
  const { kind } = algorithmsOf(cms);
  return {
    publicKey: kind === void 0 ? 0 : kind === "RSA" ? 1 : 19,
    hash: DIGESTS[cms.digestAlgorithm]?.[1] ?? 0
  };
}
function algorithmsOf(cms) {
  const digest = DIGESTS[cms.digestAlgorithm]?.[0];
  if (cms.signatureAlgorithm === EC_PUBLIC_KEY) return { kind: "EC", digest };
  if (cms.signatureAlgorithm === RSA_ENCRYPTION) return { kind: "RSA", digest };
  const [kind, own] = SIGNATURE_ALGORITHMS[cms.signatureAlgorithm] ?? [void 0, void 0];
  return { kind: kind === "Ed25519" ? void 0 : kind, digest: own === digest ? digest : void 0 };
}
function checkAttributes({ signedAttrs, sorted }, digest) {
  if (oidOf(signedAttrs.get(CONTENT_TYPE), "the signed content type") !== DATA) {
    refuse("the signed content type is not plain data");
  }
  const signed = contentOf(signedAttrs.get(MESSAGE_DIGEST), OCTET_STRING, "the signed digest");
  const signingTime = signedAttrs.get(SIGNING_TIME);
  if (signingTime !== void 0) timeOf(signingTime, "the claimed signing time");
  if (signedAttrs.size > (signingTime === void 0 ? 2 : 3)) {
    refuse("the signed attributes hold one that no git signature has");
  }
  if (!sorted) refuse("the signed attributes are not in DER order");
  if (!sameBytes(signed, digest)) refuse("the payload is not the one that was signed");
}

// src/core/essCertId.ts
var SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12";
var SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47";
function checkCertificateId(signedAttrs, signer) {
  const old = signedAttrs.get(SIGNING_CERTIFICATE);
  const current = signedAttrs.get(SIGNING_CERTIFICATE_V2);
  if (old === void 0 && current === void 0) {
    refuse("the timestamp does not say by which certificate it is signed");
  }
  if (old !== void 0) checkId(firstId(old).children, "sha1", signer);
  if (current !== void 0) {
    const [first, ...rest] = firstId(current).children;
    if (first?.tag !== SEQUENCE) checkId(first === void 0 ? [] : [first, ...rest], "sha256", signer);
    else checkId(rest, DIGESTS[algorithmOf2(first, WHAT)]?.[0], signer);
  }
}
var WHAT = "the certificate id in the timestamp";
function firstId(node) {
  const { 0: ids } = childrenOf(node, SEQUENCE, WHAT, [1, 2]);
  const { 0: id } = childrenOf(ids, SEQUENCE, WHAT, [1, Number.POSITIVE_INFINITY]);
  childrenOf(id, SEQUENCE, WHAT, [1, 3]);
  return id;
}
function checkId(parts, digest, signer) {
  const [certHash, issuerSerial, more] = parts;
  if (digest === void 0 || more !== void 0) return refuse(`${WHAT} is malformed`);
  const same = sameBytes(contentOf(certHash, OCTET_STRING, WHAT), (0, import_node_crypto21.hash)(digest, signer.der, "buffer"));
  if (!same || issuerSerial !== void 0 && !isIssuerSerial(issuerSerial, signer)) {
    refuse("the timestamp names another certificate than the one it is signed with");
  }
}
function isIssuerSerial(node, signer) {
  const { 0: names, 1: serialNumber } = childrenOf(node, SEQUENCE, WHAT, [2]);
  const { 0: name } = childrenOf(names, SEQUENCE, WHAT, [1]);
  const { 0: issuer } = childrenOf(name, 164, WHAT, [1]);
  const sameIssuer = sameBytes(encodedOf(issuer), signer.issuer);
  return sameIssuer && sameBytes(encodedOf(serialNumber), signer.serialNumber);
}

// src/core/timestampToken.ts
init_failure();
init_keys();
init_limits();
init_oids();

// src/core/timestampAuthority.ts
init_bytes();
init_chain();
init_failure();
init_leaf();
init_limits();
init_trustedRoot();
init_x509();
var TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
var NON_REPUDIATION = 64;
function checkTimestampSigner(certificate) {
  readClaims(certificate);
  const purpose = certificate.extensions.get(EXTENDED_KEY_USAGE);
  const purposes = purposesOf(certificate);
  if (purpose?.critical !== true || purposes?.length !== 1 || purposes[0] !== TIME_STAMPING) {
    refuse("the certificate of the timestamp authority is not critically for timestamps alone");
  }
  const usage = keyUsageOf(certificate);
  if (maxPathLengthOf(certificate) >= 0 || usage & KEY_CERT_SIGN) {
    refuse("the timestamp is signed by one that issues certificates");
  }
  if (certificate.extensions.has(KEY_USAGE) && !(usage & (DIGITAL_SIGNATURE | NON_REPUDIATION))) {
    refuse("the certificate of the timestamp authority is not for signatures");
  }
}
function openTimestampAuthority(signer, embedded, trust, at) {
  let obstacle = "the timestamp is not of an authority in the trusted root";
  for (const authority of trust.timestampAuthorities) {
    const own = certificatesOf(authority);
    const anchor = own.at(-1);
    if (anchor === void 0 || isOfAnother(signer, own[0])) continue;
    const search = { anchor, pool: [...own.slice(0, -1), ...embedded], tried: /* @__PURE__ */ new Set(), at };
    if (!leadsToAnchor(signer, { ...search, at: void 0 }, 0)) continue;
    if (!isWithin(authority.validFor, at)) {
      obstacle = "the timestamp authority was not trusted at the time of its timestamp";
    } else if (leadsToAnchor(signer, { ...search, tried: /* @__PURE__ */ new Set() }, 0)) {
      return authority;
    } else {
      obstacle = "a certificate of the timestamp authority was not valid at the time of its timestamp";
    }
  }
  return refuse(obstacle);
}
function certificatesOf({ issuers }) {
  try {
    return issuers().map(({ certificate }) => certificate);
  } catch (error) {
    if (isCheckFailure(error)) return [];
    throw error;
  }
}
function isOfAnother(signer, first) {
  if (first === void 0 || sameBytes(first.der, signer.der)) return false;
  try {
    return maxPathLengthOf(first) < 0;
  } catch (error) {
    if (isCheckFailure(error)) return true;
    throw error;
  }
}
function leadsToAnchor(certificate, search, depth) {
  const { anchor, pool, tried, at } = search;
  if (at !== void 0 && (at < certificate.notBefore || at > certificate.notAfter)) return false;
  if (sameBytes(certificate.der, anchor.der)) return true;
  if (depth > MAX_TIMESTAMP_INTERMEDIATES) return false;
  return [anchor, ...pool].some((issuer) => {
    if (tried.has(issuer) || !mayIssue(issuer, certificate, depth)) return false;
    tried.add(issuer);
    return leadsToAnchor(issuer, search, depth + 1);
  });
}
function mayIssue(issuer, certificate, depth) {
  if (!sameBytes(issuer.subject, certificate.issuer)) return false;
  try {
    const wanted = authorityKeyIdOf(certificate);
    const own = subjectKeyIdOf(issuer);
    if (wanted !== void 0 && own !== void 0 && !sameBytes(wanted, own)) return false;
    if (maxPathLengthOf(issuer) < depth || !(keyUsageOf(issuer) & KEY_CERT_SIGN)) return false;
    if (purposesOf(issuer)?.includes(TIME_STAMPING) === false) return false;
    readClaims(issuer);
    return isIssuedBy(certificate, issuer);
  } catch (error) {
    if (isCheckFailure(error)) return false;
    throw error;
  }
}

// src/core/tstInfo.ts
var import_node_crypto22 = require("node:crypto");
init_bytes();
init_der();
init_failure();
init_limits();
function parseTstInfo(der) {
  const [version, policy, imprint, serialNumber, genTime, ...optional] = childrenOf(
    parseDer(der),
    SEQUENCE,
    WHAT2,
    [5, 10]
  );
  if (smallIntegerOf(version, `the version of ${WHAT2}`) !== 1) {
    return refuse("the timestamp is of an unknown version");
  }
  oidOf(policy, `the policy of ${WHAT2}`);
  expectTag(serialNumber, INTEGER, `the serial number of ${WHAT2}`);
  const take = (tag) => optional[0]?.tag === tag ? optional.shift() : void 0;
  checkAccuracy(take(SEQUENCE));
  checkOrdering(take(BOOLEAN));
  const nonce = take(INTEGER);
  take(160);
  checkExtensions(take(161));
  if (optional.length > 0) return refuse(`${WHAT2} has a part that does not belong there`);
  return { at: preciseTimeOf(genTime), imprint: parseImprint(imprint), nonce: nonce && integerOf(nonce) };
}
var WHAT2 = "the timestamp";
function checkImprint({ imprint }, signature) {
  const [digest] = DIGESTS[imprint.algorithm] ?? [];
  if (digest === void 0) return refuse("the timestamp names its object by a digest that does not count");
  if (!sameBytes(imprint.digest, (0, import_node_crypto22.hash)(digest, signature, "buffer"))) {
    refuse("the timestamp is of another signature");
  }
}
function parseImprint(node) {
  const what = `the imprint of ${WHAT2}`;
  const { 0: algorithm, 1: digest } = childrenOf(node, SEQUENCE, what, [2]);
  return { algorithm: algorithmOf2(algorithm, what), digest: contentOf(digest, OCTET_STRING, what) };
}
function preciseTimeOf(node) {
  const text4 = view(contentOf(node, GENERALIZED_TIME, `the time of ${WHAT2}`)).toString("latin1");
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{0,17}[1-9]))?Z$/.exec(text4);
  const [year, month, day, hour, minute, second] = match?.slice(1, 7) ?? [];
  const milliseconds = (match?.[7] ?? "").padEnd(3, "0").slice(0, 3);
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}Z`;
  const at = Date.parse(iso);
  const right = !Number.isNaN(at) && new Date(at).toISOString() === iso;
  return right ? at : refuse(`the time of ${WHAT2} is no date in DER`);
}
function checkAccuracy(node) {
  if (node === void 0) return;
  const what = `the accuracy of ${WHAT2}`;
  const parts = [...childrenOf(node, SEQUENCE, what, [0, 3])];
  const take = (tag) => {
    const part = parts[0]?.tag === tag ? parts.shift() : void 0;
    return part === void 0 ? 0 : Number(integerOf({ ...part, tag: INTEGER }));
  };
  const [seconds2, millis, micros] = [take(INTEGER), take(128), take(129)];
  const fits = [seconds2, millis, micros].every((value) => value >= 0) && millis < 1e3 && micros < 1e3;
  if (!fits || parts.length > 0) return refuse(`${what} is malformed`);
  if (seconds2 * 1e3 + millis + micros / 1e3 > MAX_TIMESTAMP_ACCURACY_MS) {
    refuse("the timestamp authority does not know the time to the minute");
  }
}
function checkOrdering(node) {
  if (node && contentOf(node, BOOLEAN, WHAT2)[0] === 0) refuse(`${WHAT2} spells out a default value`);
}
function checkExtensions(node) {
  for (const extension of node?.children ?? []) {
    const what = `an extension of ${WHAT2}`;
    const parts = childrenOf(extension, SEQUENCE, what, [2, 3]);
    const oid = oidOf(parts[0], what);
    if (parts.length === 3) {
      const [critical] = contentOf(parts[1], BOOLEAN, what);
      return refuse(
        critical === 0 ? `${what} spells out a default value` : `${WHAT2} has the unknown critical extension ${oid}`
      );
    }
    expectTag(parts[1], OCTET_STRING, what);
  }
}
function integerOf({ source, body, end }) {
  if (end === body || end - body > 64) return refuse(`${WHAT2} has a number that is out of range`);
  const bytes = source.subarray(body, end);
  const value = BigInt(`0x${toHex(bytes)}`);
  return bytes[0] > 127 ? value - (1n << BigInt(8 * bytes.length)) : value;
}

// src/core/timestampToken.ts
init_x509();
function openTimestampToken(token, signature, trust, { nonce } = {}) {
  const parts = parseToken(token);
  const embedded = parts.certificates.flatMap(toUsable);
  const trusted = trust.timestampAuthorities.flatMap(certificatesOf);
  const among = parts.certificates.length === 0 ? trusted : embedded;
  const signer = among.find((certificate) => isNamed2(certificate, parts.signerId));
  if (signer === void 0) return refuse("the timestamp does not come with its signer's certificate");
  checkSigned(parts, signer);
  const info = parseTstInfo(parts.content);
  checkImprint(info, signature);
  if (nonce !== void 0 && info.nonce !== nonce)
    return refuse("the timestamp bears another nonce than was sent");
  checkTimestampSigner(signer);
  const authority = openTimestampAuthority(signer, embedded, trust, info.at);
  return { at: new Date(info.at), by: authority.uri || authority.root().authority, nonce: info.nonce };
}
var TST_INFO = "1.2.840.113549.1.9.16.1.4";
function parseToken(der) {
  const what = "the timestamp token";
  const { 0: type, 1: wrapped } = childrenOf(parseDer(der), SEQUENCE, what, [2]);
  if (oidOf(type, what) !== SIGNED_DATA) return refuse("the timestamp token is no CMS SignedData");
  const { 0: signedData } = childrenOf(wrapped, 160, what, [1]);
  const [version, digests, content, ...rest] = childrenOf(signedData, SEQUENCE, what, [4, 6]);
  if (smallIntegerOf(version, what) !== 3) return refuse("the timestamp token is not of version 3");
  const certificates = rest[0]?.tag === 160 ? rest.shift().children : [];
  if (rest[0]?.tag === 161) rest.shift();
  if (rest.length !== 1) return refuse("the timestamp token has a part that does not belong there");
  if (certificates.length > MAX_CERTIFICATES) return refuse("the timestamp token has too many certificates");
  const { 0: signerInfo } = childrenOf(rest[0], SET, "the list of signers of the timestamp", [1]);
  const signer = parseSigner(signerInfo);
  const named = expectTag(digests, SET, what).children.map((node) => algorithmOf2(node, what));
  if (!named.includes(signer.digestAlgorithm)) {
    return refuse("the timestamp token does not list the digest that it uses");
  }
  return { ...signer, content: parseContent2(content), certificates };
}
function parseContent2(node) {
  const what = "the content of the timestamp token";
  const { 0: type, 1: wrapped } = childrenOf(node, SEQUENCE, what, [2]);
  if (oidOf(type, what) !== TST_INFO) return refuse(`${what} is no timestamp`);
  const { 0: content } = childrenOf(wrapped, 160, what, [1]);
  return contentOf(content, OCTET_STRING, what);
}
function parseSigner(node) {
  const what = "the signer info of the timestamp";
  const {
    0: version,
    1: sid,
    2: digestAlgorithm,
    3: signedAttrs,
    4: signatureAlgorithm,
    5: signature,
    6: unsignedAttrs
  } = childrenOf(node, SEQUENCE, what, [6, 7]);
  const byKeyId = sid?.tag === 128;
  if (smallIntegerOf(version, what) !== (byKeyId ? 3 : 1))
    return refuse(`${what} is not of the right version`);
  const signed = expectTag(signedAttrs, 160, "the set of signed attributes of the timestamp");
  if (unsignedAttrs !== void 0) expectTag(unsignedAttrs, 161, what);
  return {
    signerId: byKeyId ? { keyId: contentOf(sid, 128, what) } : parseIssuerAndSerial(sid),
    digestAlgorithm: algorithmOf2(digestAlgorithm, what),
    signatureAlgorithm: algorithmOf2(signatureAlgorithm, what),
    signedAttrs: parseAttributes(signed, 160, "signed attribute of the timestamp"),
    artifact: retag(encodedOf(signed), SET),
    signature: contentOf(signature, OCTET_STRING, what)
  };
}
function parseIssuerAndSerial(node) {
  const what = "the signer id of the timestamp";
  const { 0: issuer, 1: serialNumber } = childrenOf(node, SEQUENCE, what, [2]);
  return {
    issuer: encodedOf(expectTag(issuer, SEQUENCE, what)),
    serialNumber: encodedOf(expectTag(serialNumber, INTEGER, what))
  };
}
function toUsable(node) {
  try {
    return [toCertificate(node)];
  } catch (error) {
    if (isCheckFailure(error)) return [];
    throw error;
  }
}
function isNamed2(certificate, id) {
  if ("keyId" in id) {
    const own = subjectKeyIdOf(certificate);
    return own !== void 0 && sameBytes(own, id.keyId);
  }
  return sameBytes(certificate.issuer, id.issuer) && sameBytes(certificate.serialNumber, id.serialNumber);
}
function checkSigned(parts, signer) {
  const { signedAttrs, content, artifact, signature } = parts;
  const [digest] = DIGESTS[parts.digestAlgorithm] ?? [];
  if (digest === void 0) return refuse("the digest in the timestamp token does not count");
  if (oidOf(signedAttrs.get(CONTENT_TYPE), "the signed content type of the timestamp") !== TST_INFO) {
    refuse("the signed content type of the timestamp is another one");
  }
  const signed = contentOf(
    signedAttrs.get(MESSAGE_DIGEST),
    OCTET_STRING,
    "the signed digest of the timestamp"
  );
  if (!sameBytes(signed, (0, import_node_crypto23.hash)(digest, content, "buffer")))
    refuse("the timestamp is not the one that was signed");
  checkCertificateId(signedAttrs, signer);
  if (!isSignedBy(signer.publicKey(), artifact, signature, digestOf(parts, signer, digest))) {
    refuse("the timestamp is not signed by its authority's key");
  }
}
function digestOf({ signatureAlgorithm }, signer, digest) {
  const { type } = signer.publicKey();
  const kind = type.startsWith("P") ? "EC" : type;
  if (signatureAlgorithm === EC_PUBLIC_KEY && kind === "EC") return digest;
  if (signatureAlgorithm === RSA_ENCRYPTION && kind === "RSA") return digest;
  const [ownKind, own] = SIGNATURE_ALGORITHMS[signatureAlgorithm] ?? [];
  const fits = ownKind === kind && (own === null || own === digest);
  return fits && own !== void 0 ? own : refuse("the timestamp's algorithms do not fit together");
}

// src/core/rareChecks.ts
function rareChecks(evidence) {
  return {
    openTokens,
    openEntry: (signed, embedded, tokens, trust) => {
      const own = openOwn(signed, embedded, tokens, trust);
      return own.kind === "logged" || evidence.entries.length === 0 ? own : openEvidence(signed, evidence, tokens, trust, own.why);
    },
    openMissingSct,
    unreadable: unreadable3,
    unreadableArmor,
    conclude
  };
}
function openTokens({ cms }, trust) {
  const tokens = cms.timestampTokens.map((node) => encodedOf(node));
  const names = new Set(tokens.map((token) => (0, import_node_crypto24.hash)("sha256", token, "hex")));
  if (names.size < tokens.length) return refuse("the same timestamp token is there twice");
  return tokens.map((token) => openTimestampToken(token, cms.signature, trust));
}
function openOwn({ cms, checks }, embedded, tokens, trust) {
  if (embedded === void 0) return { kind: "missing", why: whyMissing(cms) };
  const times = tokens.map(({ at }) => at);
  const proof = openV2Entry(embedded, bodyV2Of(cms, checks.leaf), times, trust);
  return times.length === 0 ? { kind: "missing", why: "Rekor v2 entries need a timestamp token" } : { kind: "logged", at: void 0, proof, note: " without a time of its own" };
}
function whyMissing({ unsignedAttrs }) {
  if (isDraft(unsignedAttrs)) return "the log entry is in a draft encoding that no release wrote";
  const attribute = unsignedAttrs.get(LOG_ENTRY);
  if (attribute !== void 0) expectTag(attribute, OCTET_STRING, "the log entry");
  return "no log entry is embedded, so nothing proves when it was signed";
}
var DRAFT_TAGS = [2, 19, 2, 4, 12, 48, 19, 2, 2];
var DRAFT_PREFIX = LOG_ENTRY.slice(0, -1);
function isDraft(attributes) {
  if (attributes.size < DRAFT_TAGS.length) return false;
  return [0, 1].some(
    (first) => DRAFT_TAGS.every((tag, place) => attributes.get(`${DRAFT_PREFIX}${first + place}`)?.tag === tag)
  );
}
var OLD_ROOT_KEY_ID = Buffer.from("58c01e5f9145a566a97acc90a19322d02ac5c5fa", "hex");
var FIRST_EMBEDDED_SCT = Date.UTC(2022, 5, 2);
function openMissingSct(leaf, issuer) {
  const keyId = issuer.subjectKeyId();
  const underRoot = issuer.path.length === 0 && keyId !== void 0 && sameBytes(keyId, OLD_ROOT_KEY_ID);
  return underRoot && leaf.notBefore < FIRST_EMBEDDED_SCT ? "the certificate is from before 2022-06-02 and carries no SCT" : refuse("the certificate has no SCT");
}
function unreadableArmor(armored, reason) {
  const format = armored.length === 0 ? "none" : armorFormat(armored);
  return format === "cms" ? unreadable3("malformed", reason) : unreadable3(format, "there is no signature in the x509 format");
}

// src/core/embeddedEntry.ts
var import_node_crypto25 = require("node:crypto");
init_der();
init_failure();
init_oids();
function openEntry(signed, tokens, trust, rare) {
  const { cms, checks } = signed;
  const attribute = cms.unsignedAttrs.get(LOG_ENTRY);
  if (attribute?.tag !== OCTET_STRING) return rare.openEntry(signed, void 0, tokens, trust);
  const entry = parseTransparencyLogEntry(contentOf(attribute, OCTET_STRING, ""));
  if (isV2(entry)) return rare.openEntry(signed, entry, tokens, trust);
  if (entry.kindVersion !== "hashedrekord 0.0.1") return refuse("the log entry is of an unknown kind");
  const body = encodeHashedRekord((0, import_node_crypto25.hash)("sha256", cms.artifact, "buffer"), cms.signature, checks.leaf.der);
  const { signedAt, proof } = openLogEntry(entry, body, trust);
  return { kind: "logged", at: signedAt, proof };
}

// src/core/verifyWith.ts
init_failure();
init_gitObject();
init_limits();

// src/core/payload.ts
init_bytes();
init_failure();
init_gitObject();
init_limits();
init_once();
function checkPayload(payload, expected) {
  const bytes = view(payload);
  if (bytes.length > MAX_PAYLOAD_BYTES) return refuse("the payload is larger than 64 MiB");
  const kind = payloadKind(bytes);
  if (expected.kind !== void 0 && expected.kind !== kind) {
    return refuse(`the payload of the ${expected.kind} does not begin like one`);
  }
  if (kind === "unknown") return kind;
  if (bytes.includes(0)) return refuse("the payload holds a NUL byte");
  const end = bytes.indexOf("\n\n") + 1;
  if (end === 0) return refuse("the payload has no blank line after its header");
  if (end > MAX_HEADER_BYTES) return refuse("the header is larger than 2 MiB");
  const header = bytes.toString("latin1", 0, end);
  const format = expected.objectFormat ?? (header.indexOf("\n") > 60 ? "sha256" : "sha1");
  const form = kind === "push-certificate" ? PUSH_CERTIFICATE : FORMS[format][kind]();
  const match = form.exec(header);
  if (match === null) return refuse(`the header of the ${kind} is not as git writes it`);
  const again = AGAIN.exec(header.slice(match[0].length - 1));
  if (again === null) return kind;
  return refuse(`the header ${again[1] ?? again[2]} occurs twice or in the wrong place`);
}
var PERSON = "[^<>\\n]*<[^<>\\n]*> -?\\d{1,19} [+-]\\d{4,}\\n";
function formsOf(id) {
  return {
    commit: once(
      () => new RegExp(`^tree ${id}\\n(?:parent ${id}\\n)*author ${PERSON}committer ${PERSON}(?! )`)
    ),
    tag: once(
      () => new RegExp(`^object ${id}\\ntype (?:commit|tree|blob|tag)\\ntag [^\\n]+\\ntagger ${PERSON}$`)
    )
  };
}
var FORMS = {
  sha1: formsOf("[0-9a-f]{40}"),
  sha256: formsOf("[0-9a-f]{64}")
};
var PUSH_CERTIFICATE = /^certificate version 0\.1\npusher [^\n]+\n(?:pushee [^\n]*\n)?(?:nonce [^\n]*\n)?(?:push-option [^\n]*\n)*$/;
var AGAIN = /\n(?:(tree|parent|author|committer) |encoding [\s\S]*\n(encoding) )/;

// src/core/times.ts
function timesOf(entry, tokens) {
  const stamped = tokens.map(({ at, by }) => ({ source: "timestamp", at, by }));
  stamped.sort((a, b) => a.at.getTime() - b.at.getTime());
  if (entry?.kind !== "logged" || entry.at === void 0) return stamped;
  return [{ source: "log", at: entry.at, by: entry.proof.logUrl }, ...stamped];
}

// src/core/verifyWith.ts
init_x509();
function examineObjectWith(means, raw, kind, objectFormat) {
  const { unreadable: unreadable4 } = means.rare;
  if (raw.length > MAX_PAYLOAD_BYTES) return unreadable4("malformed", "the object is larger than 64 MiB");
  const { payload, signature, format, reason } = splitObject(raw, kind, objectFormat);
  if (signature === void 0 || format !== "cms") return unreadable4(format, reason ?? "");
  return examineDetached(means, { payload, expected: { kind, objectFormat }, armored: signature });
}
function examineSignatureWith(means, payload, armored) {
  return examineDetached(means, { payload, expected: ANY_PAYLOAD, armored });
}
var ANY_PAYLOAD = { kind: void 0, objectFormat: void 0 };
function examineDetached(means, claim) {
  const cms = attempt2(() => parseCms(parseArmor(claim.armored)));
  if (isCheckFailure(cms)) return means.rare.unreadableArmor(claim.armored, cms.message);
  if (cms.content !== void 0) {
    return means.rare.unreadable("malformed", "the signature carries a payload of its own");
  }
  return examineCms(means, claim, cms);
}
function examineCms(means, { payload, expected, armored }, cms) {
  const { trust, rare, leafs } = means;
  const leaf = attempt2(() => selectLeaf(cms));
  if (isCheckFailure(leaf)) return rare.unreadable("malformed", leaf.message);
  const about = { algorithm: algorithmNumbers(cms), leaf };
  const known2 = leafs?.(leaf) ?? checksOf(leaf, trust);
  const issuers = attempt2(known2.issuers);
  if (isCheckFailure(issuers)) return rare.unreadable("cms", issuers.message, about);
  if (issuers.length === 0) {
    return rare.unreadable("cms", "the certificate is not from a trusted authority", about);
  }
  const checks = { ...NOT_REACHED };
  const signed = { payload, armored, cms, checks: known2 };
  check(checks, "payload", () => checkPayload(payload, expected), describePayload);
  check(checks, "signature", () => checkSignature(cms, known2.leaf, payload), passed);
  const isStamped = cms.timestampTokens.length > 0;
  const tokens = check(
    checks,
    "timestamp",
    () => isStamped ? rare.openTokens(signed, trust) : [],
    describeTokens
  );
  const entry = check(checks, "logEntry", () => openEntry(signed, tokens ?? [], trust, rare), describeEntry);
  const times = timesOf(entry, tokens ?? []);
  const [first = new Date(leaf.notBefore), ...others] = times.map(({ at }) => at);
  const opened = check(checks, "certificate", () => openLeaf(known2, [first, ...others]), describeLeaf);
  const sct = opened && check(checks, "sct", () => openSct(known2, opened.issuer, rare), describeSct);
  const isWhole = CHECKS.every((name) => checks[name].result !== "failed");
  if (isWhole && opened && typeof sct === "object" && entry?.kind === "logged" && times[0]) {
    const { algorithm } = about;
    const { signer } = opened;
    return { checks, algorithm, signer, signedAt: times[0].at, times, proof: entry.proof };
  }
  return rare.conclude({ ...about, checks, signer: opened?.signer });
}
function openSct({ leaf, sct }, issuer, rare) {
  return leaf.extensions.has(SCT_LIST) ? sct(issuer) : rare.openMissingSct(leaf, issuer);
}
function check(checks, name, run2, describe) {
  const value = attempt2(run2);
  const failed3 = isCheckFailure(value);
  checks[name] = failed3 ? { result: "failed", detail: value.message } : describe(value);
  return failed3 ? void 0 : value;
}
function attempt2(run2) {
  try {
    return run2();
  } catch (error) {
    if (isCheckFailure(error)) return error;
    throw error;
  }
}

// src/core/verify.ts
function createVerifier(trust) {
  let leafs = rememberLeafs(trust);
  const assuming = (examine) => {
    let found;
    try {
      found = assumingSignaturesHere(examine);
    } finally {
      if (found === void 0) leafs = rememberLeafs(trust);
    }
    return found ?? examine();
  };
  return {
    examineObject: (raw, kind, objectFormat, evidence = NO_EVIDENCE) => assuming(() => examineObjectWith({ ...meansOf(trust, evidence), leafs }, raw, kind, objectFormat)),
    examineSignature: (payload, armored, evidence = NO_EVIDENCE) => assuming(() => examineSignatureWith({ ...meansOf(trust, evidence), leafs }, payload, armored))
  };
}
function meansOf(trust, evidence) {
  return { trust, rare: rareChecks(evidence) };
}

// src/app/judgeHere.ts
function judgeHere(trust) {
  const verifier = createVerifier(trust);
  return { parallel: 1, judge: async (tasks) => examineAll(verifier, tasks) };
}
var PARALLEL = 16;
function judgeMeanwhile(trust) {
  const exact = createVerifier(trust);
  let ahead = startAhead(trust);
  return {
    parallel: PARALLEL,
    judge: async (tasks) => {
      const mine = ahead;
      const { before } = mine;
      const found = assumingSignatures(() => examineAll(mine.verifier, tasks));
      const isRight4 = found.then(async (found2) => found2 !== void 0 && await before);
      mine.before = isRight4;
      if (await isRight4) return await found;
      if (ahead === mine) ahead = startAhead(trust);
      return examineAll(exact, tasks);
    }
  };
}
function startAhead(trust) {
  return { verifier: createVerifier(trust), before: Promise.resolve(true) };
}
function examineAll(verifier, tasks) {
  return tasks.map(
    ({ object: { raw, kind, objectFormat }, evidence = NO_EVIDENCE }) => verifier.examineObject(raw, kind, objectFormat, evidence)
  );
}

// src/cli/judging.ts
init_policy();
function keepHeapSmall() {
  (0, import_node_v8.setFlagsFromString)("--heap-growing-percent=20");
}
function useAllCores() {
  process.env["UV_THREADPOOL_SIZE"] ??= String((0, import_node_os4.availableParallelism)());
}
function openJudge(trust) {
  useAllCores();
  keepHeapSmall();
  return (0, import_node_os4.availableParallelism)() > 1 ? judgeMeanwhile(trust) : judgeHere(trust);
}

// src/cli/gating.ts
async function openGating(env, options) {
  const settings = readSettings(env);
  const configured = parseGateSettings(settings);
  const gateSettings = options.policyRef === void 0 ? configured : { ...configured, policyRef: options.policyRef };
  const choice = parseTrustChoice(settings);
  const trust = await openTrust(choice, env);
  const repository = openGateReader(env, options.objectFormat);
  const [policy, ignoreCase] = await Promise.all([
    loadPolicy({ settings, gate: gateSettings, repository, trust }),
    readIgnoreCase(env)
  ]);
  const cacheEnv = { XDG_CACHE_HOME: options.cacheFolder ?? "" };
  const facts = options.cacheFolder === void 0 ? void 0 : openFactStore(cacheEnv, trust);
  const keys = openPolicyKeys({ repository, env, clock: () => /* @__PURE__ */ new Date() });
  const gate = {
    repository,
    parsePolicy: parsePolicyBytes,
    judge: (objects) => judgeAll(objects, { env, trust, facts, notes: options.notes }),
    judgeKey: keys.judge,
    introductions: gateSettings.introductions,
    maxCommits: gateSettings.maxCommits,
    ignoreCase
  };
  return { settings, gateSettings, trust, gate, policy, close: keys.close };
}
async function* judgeAll(objects, { env, trust, facts, notes }) {
  const evidence = notesSource(env, notes);
  try {
    yield* judgeObjects(objects, {
      judge: openJudge(trust),
      decide: (found) => judge(found, NO_POLICY),
      sources: [evidence],
      facts,
      signal: new AbortController().signal
    });
  } finally {
    evidence.close();
  }
}
async function readIgnoreCase(env) {
  const { status, stdout } = await runRawGit(["config", "--type=bool", "--get", "core.ignoreCase"], env);
  if (status === 1) return false;
  return status !== 0 || stdout.toString("latin1").trim() !== "false";
}

// src/cli/policyPlace.ts
init_config();
init_callGit();
init_outsidePolicy();
init_pin();
init_settings();
init_choice();
init_limits();
init_errors();
function commitOf(rev, env) {
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${rev}^{commit}`];
  const { status, stderr } = callGit(args, env);
  if (status === 1 && stderr.length === 0) {
    const hint = "See whether it is written right, and fetch it where it is elsewhere.";
    throw new SignetError("usage", `${JSON.stringify(rev)} is no commit here.`, hint);
  }
  return runGit(args, env).trim();
}
function onServer(ref) {
  const [, branch] = /^refs\/remotes\/[^/]+\/(.+)$/.exec(ref) ?? [];
  return branch === void 0 ? ref : `refs/heads/${branch}`;
}

// src/cli/renderGate.ts
init_reasons();
init_errors();

// src/cli/gpgStatus.ts
init_isoTime();
init_errors();
var NO_KEY = "0".repeat(40);
function toSignerName(signer, sandbox) {
  const { subject, issuer } = signer.identity;
  return `${toSubjectName(subject)} (${issuer})${sandbox ? " [sandbox]" : ""}`;
}
function toSubjectName({ type, value }) {
  if (type === "username") return `!${value}`;
  return type === "uri" && !value.includes("://") ? `uri:${value}` : value;
}

// src/cli/renderGate.ts
var SHOWN = 20;
var ID = 10;
function gateExitCode(results) {
  let exitCode = results.length > 0 && results.every(isAccepted) ? EXIT.good : EXIT.no;
  const refused = results.flatMap(({ findings }) => findings.filter(isRefused));
  if (exitCode === EXIT.no && refused.length > 0 && refused.every(({ reason }) => !isDenied(reason))) {
    exitCode = refused.map(({ reason }) => REASONS[reason].exitCode).reduce(worse, EXIT.unjudged);
  }
  return exitCode;
}
function isDenied(reason) {
  return REASONS[reason].decision === "denied";
}
function renderReport(results, style) {
  return results.flatMap((result) => renderRef(result, style));
}
function renderRef(result, { prefix, policyCommit }) {
  const { update, findings } = result;
  const warned = findings.filter(({ committerDiffers }) => committerDiffers === true);
  const warnings = warned.slice(0, SHOWN).map((one) => `  ${nameOf3(one)}  warning: the committer is not who signed`);
  const refused = findings.filter(isRefused);
  if (refused.length === 0) return warnings;
  const commits = findings.filter(({ type }) => type === "commit").length;
  const bad2 = refused.filter(({ type }) => type === "commit").length;
  const by = policyCommit === void 0 ? "the policy" : `the policy at ${policyCommit.slice(0, ID)}`;
  const what = bad2 > 0 ? `${bad2} of ${commits} new commits fail ${by}` : `not allowed by ${by}`;
  return [
    `${prefix}git-signet: ${escapeForTerminal(update.ref.slice(0, 200))} REJECTED: ${what}`,
    ...refused.slice(0, SHOWN).map((one) => `  ${lineOf(one)}`),
    ...refused.length > SHOWN ? [`  and ${refused.length - SHOWN} more`] : [],
    ...hintsOf(refused, update.old).map((hint) => `  hint: ${hint}`),
    ...warnings
  ];
}
function hintsOf(refused, old) {
  const hints = new Set(
    refused.map(({ reason }) => reason === "unsigned" ? signingHint(old) : REASONS[reason].hint)
  );
  return [...hints].filter((hint) => hint !== "");
}
function signingHint(old) {
  const base = /^0+$/.test(old) ? "COMMIT, the one before the first of them" : old.slice(0, ID);
  return `Sign them: git rebase --exec 'git commit --amend -S --no-edit' ${base}`;
}
function lineOf(one) {
  const { reason, detail, rule: rule2 } = one;
  const about = [REASONS[reason].text, ...detail === void 0 ? [] : [detail]].join(": ");
  const where = rule2 === void 0 ? "" : ` (rule at line ${rule2.line})`;
  return [nameOf3(one), reason, whoOf(one), escapeForTerminal(about) + where].filter((part) => part !== "").join("  ");
}
function nameOf3({ oid, subject = "" }) {
  if (oid === void 0) return "";
  const text4 = escapeForTerminal(subject).slice(0, 60);
  return text4 === "" ? oid.slice(0, ID) : `${oid.slice(0, ID)} "${text4}"`;
}
function whoOf({ judged }) {
  const verdict = judged?.verdict;
  if (verdict?.status !== "good") return "";
  const name = escapeForTerminal(toSignerName(verdict.signer, false));
  const who = name.length <= 200 ? name : `${name.slice(0, 100)}...${name.slice(-97)}`;
  return `${who}, signed ${verdict.signedAt.toISOString().slice(0, 16)}Z`;
}

// src/cli/gateCall.ts
async function judgeCall(env, call) {
  const { policyRef, introductions = [] } = call;
  const asked = toRequest(call, env);
  if (policyRef !== void 0) checkRefName(GATE_SETTINGS.policyRef, policyRef);
  const { gate, policy, close } = await openGating(env, { policyRef });
  try {
    if ("unborn" in policy) {
      throw new SignetError(
        "config",
        `There is no ${policy.unborn} to read the policy from.`,
        "Fetch it first."
      );
    }
    const request = {
      ...asked,
      base: toOid(asked.base, asked.ref, env),
      head: toOid(asked.head, asked.ref, env)
    };
    const open2 = asServer(
      { ...gate, introductions: [...gate.introductions, ...introductions], policy },
      policy,
      env
    );
    const { result, by } = isShallow(env) ? cut(request, open2.policy) : await judge2(request, open2);
    const context = {
      exitCode: gateExitCode([result]),
      policyRef: policy.ref,
      policyCommit: by.commit,
      as: request.as
    };
    return { result, context, lines: toLines(result, by.commit) };
  } finally {
    close();
  }
}
function toRequest(call, env) {
  const isComplete = call.ref !== void 0 && call.base !== void 0 && call.head !== void 0;
  const ci = isComplete ? void 0 : readCi(env);
  const { ref = ci?.ref, base = ci?.base, head = ci?.head } = call;
  const as = ci?.kind === "push" ? "push" : call.as ?? (ci === void 0 ? void 0 : "merge");
  if (ref === void 0 || base === void 0 || head === void 0 || as === void 0) {
    throw new SignetError(
      "usage",
      "This is no CI that says what is to be judged.",
      "Give --ref, --base, --head and --as."
    );
  }
  if (!/^refs\/[^\s]+$/.test(ref)) {
    throw new SignetError(
      "usage",
      `${JSON.stringify(ref)} is no full name of a ref.`,
      "Write refs/heads/main."
    );
  }
  if (!ref.startsWith("refs/heads/") && as !== "push" && as !== "ff") {
    throw new SignetError(
      "usage",
      `${ref} is no branch, so nothing is merged there.`,
      "Judge it with --as push."
    );
  }
  return { ref, base, head, as };
}
function toOid(rev, ref, env) {
  if (rev.startsWith("-") || /[\s\0]/.test(rev)) {
    throw new SignetError("usage", `${JSON.stringify(rev)} is no commit.`, "Name it by its full id.");
  }
  const parse2 = (name) => runGit(["for-each-ref", "--format=%(objectname) %(*objectname)", name], env).trim();
  if (/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(rev)) {
    const [tag = "", commit] = ref.startsWith("refs/tags/") ? parse2(ref).split(" ") : [];
    return commit === rev ? tag : rev;
  }
  return commitOf(rev, env);
}
function asServer(gate, policy, env) {
  const remote = remoteOf(policy, env);
  if (remote === void 0) return gate;
  const { repository } = gate;
  const refs = async () => {
    const there = [...await repository.refs()].filter(([name]) => !name.startsWith("refs/heads/"));
    const named = there.filter(([name]) => name !== `refs/remotes/${remote}/HEAD`);
    return new Map(
      named.map(([name, { oid }]) => [
        name.startsWith(`refs/remotes/${remote}/`) ? onServer(name) : name,
        { oid }
      ])
    );
  };
  const ref = policy.ref === void 0 ? {} : { ref: onServer(policy.ref) };
  return { ...gate, repository: { ...repository, refs }, policy: { ...policy, ...ref } };
}
function remoteOf({ ref }, env) {
  if (ref !== void 0) return /^refs\/remotes\/([^/]+)\//.exec(ref)?.[1];
  return runGit(["rev-parse", "--is-bare-repository"], env).trim() === "true" ? void 0 : "origin";
}
async function judge2(request, gate) {
  const { ref, base, head, as } = request;
  const update = { ref, old: base, new: head };
  const { policy, repository } = gate;
  if (as !== "push" || policy.ref !== ref || policy.commit === void 0) {
    return { result: await judgeRequest(request, gate), by: policy };
  }
  if (isZero(base)) {
    const first = await openFirstPush([update], ref, gate);
    if (!("file" in first)) return { result: first[0] ?? { update, findings: [] }, by: policy };
    const by2 = { ...first, ref };
    return { result: await judgeRequest(request, { ...gate, policy: by2 }), by: by2 };
  }
  if (!(await repository.types([base])).has(base)) {
    return { result: { update, findings: [finding("missing", { oid: base })] }, by: policy };
  }
  const file = await readPolicy(base, gate);
  if (typeof file === "string") {
    throw new SignetError(
      "config",
      `The policy before this push, at ${base.slice(0, 10)}, cannot be used: ${file}`,
      "Judge by a policy that is kept outside of the repository (signet.policy)."
    );
  }
  const by = { file, commit: base, ref };
  return { result: await judgeRequest(request, { ...gate, policy: by }), by };
}
function isShallow(env) {
  return runGit(["rev-parse", "--is-shallow-repository"], env).trim() !== "false";
}
function cut({ ref, base, head }, by) {
  const detail = "this clone is shallow: fetch the whole history (fetch-depth: 0, or GIT_DEPTH: 0)";
  return {
    result: { update: { ref, old: base, new: head }, findings: [finding("incomplete", { detail })] },
    by
  };
}
function toLines(result, policyCommit) {
  const report = renderReport([result], { prefix: "", policyCommit });
  if (report.length > 0) return report;
  return [`git-signet: ${result.findings.length} judged, all accepted on ${result.update.ref}.`];
}

// src/cli/print.ts
init_writeBytes();
function print(lines) {
  if (lines.length > 0) writeAll(1, `${lines.join("\n")}
`);
}

// src/cli/renderGateFormats.ts
var import_node_crypto26 = require("node:crypto");
init_reasons();

// src/cli/renderJson.ts
function toJson(value) {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
  );
}

// src/cli/renderGateFormats.ts
var GATE_SCHEMA = "git-signet/gate/v1";
function gateJson(result, { exitCode, policyRef, policyCommit, as }) {
  const { update, findings } = result;
  return toJson({
    schema: GATE_SCHEMA,
    ref: update.ref,
    base: update.old,
    head: update.new,
    as,
    policy: { ref: policyRef ?? null, commit: policyCommit ?? null },
    accepted: exitCode === 0,
    exitCode,
    judged: findings.length,
    refused: findings.filter(isRefused).length,
    findings: findings.map(findingRecord)
  });
}
function findingRecord(one) {
  const { oid, type, subject, reason, signer, rule: rule2, detail, judged, committerDiffers } = one;
  const verdict = judged?.verdict;
  const isGood = verdict?.status === "good";
  return {
    oid: oid ?? null,
    type: type ?? null,
    subject: subject ?? null,
    decision: REASONS[reason].decision,
    reason,
    text: REASONS[reason].text,
    hint: REASONS[reason].hint,
    detail: detail ?? null,
    signer: signer ?? null,
    identity: isGood ? verdict.signer.identity : null,
    signedAt: isGood ? verdict.signedAt : null,
    logIndex: isGood ? String(verdict.proof.logIndex) : null,
    rule: rule2?.line ?? null,
    committerDiffers: committerDiffers === true
  };
}
var MAX_ANNOTATIONS = 10;
function gateGithub(result, report) {
  const refused = result.findings.filter(isRefused);
  const shown = refused.slice(0, refused.length > MAX_ANNOTATIONS ? MAX_ANNOTATIONS - 1 : MAX_ANNOTATIONS);
  const annotations = shown.map((one) => {
    const title = `git-signet: ${one.reason}`;
    return `::error title=${property(title)}::${commandData(`${one.oid ?? result.update.ref} ${sentence(one)}`)}`;
  });
  const more = refused.length - shown.length;
  const rest = more > 0 ? [`::error title=git-signet::${more} more`] : [];
  const mark = (0, import_node_crypto26.randomBytes)(16).toString("hex");
  return [...annotations, ...rest, `::stop-commands::${mark}`, ...report, `::${mark}::`];
}
function commandData(text4) {
  return escapeForTerminal(text4).replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
function property(text4) {
  return commandData(text4).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
var MAX_SUMMARY_BYTES = 9e5;
function gateSummary({ update, findings }, exitCode) {
  const refused = findings.filter(isRefused);
  const word = exitCode === 0 ? "accepted" : "rejected";
  const head = `### git-signet: ${markdown(update.ref)} ${word}

${findings.length} judged, ${refused.length} refused.
`;
  if (refused.length === 0) return head;
  let table = "\n| commit | subject | reason | |\n|---|---|---|---|\n";
  let shown = 0;
  for (const one of refused) {
    const row2 = `| ${[one.oid?.slice(0, 10), one.subject, one.reason, sentence(one)].map(markdown).join(" | ")} |
`;
    if (table.length + row2.length > MAX_SUMMARY_BYTES) break;
    table += row2;
    shown += 1;
  }
  const more = refused.length - shown;
  const hints = hintsOf(refused, update.old).map((hint) => `
- ${markdown(hint)}`);
  return `${head}${table}${more > 0 ? `
and ${more} more
` : ""}${hints.join("")}
`;
}
function markdown(text4 = "") {
  if (text4 === "") return "";
  const entities = escapeForTerminal(text4.slice(0, 200)).replace(
    /[^A-Za-z0-9 ()-]/gu,
    (c) => `&#${c.codePointAt(0)};`
  );
  return `<code>${entities}</code>`;
}
function sentence(one) {
  const { reason, detail } = one;
  return [REASONS[reason].text, detail ?? "", whoOf(one)].filter((part) => part !== "").join(": ");
}

// src/cli/commands/gate.ts
function writeSummary(env, { result, context }) {
  const path = env["GITHUB_STEP_SUMMARY"] ?? "";
  if (path !== "") (0, import_node_fs12.appendFileSync)(path, gateSummary(result, context.exitCode));
}

// src/cli/githubAction.ts
async function runGithubAction(env) {
  const mark = (0, import_node_crypto27.randomBytes)(16).toString("hex");
  print([`::stop-commands::${mark}`]);
  try {
    const answer = await judgeEvent(env);
    print([`::${mark}::`, ...gateGithub(answer.result, answer.lines)]);
    writeSummary(env, answer);
    writeOutputs(env, answer);
    return answer.context.exitCode;
  } catch (error) {
    const { message, hint, exitCode } = toProblem(error);
    print([`::${mark}::`, `::error title=git-signet::${commandData(`${message} ${hint}`.trim())}`]);
    setOutputs(env, { verdict: "unjudged", "exit-code": exitCode });
    return exitCode;
  }
}
async function judgeEvent(outer) {
  const { policyRef, as, introductions, token, path } = readInputs(outer);
  const env = withoutInputs(outer);
  const move = readCi(env);
  if (move === void 0) {
    throw new SignetError("usage", "This is no GitHub Actions runner.", "Run git-signet gate instead.");
  }
  process.chdir(path);
  fetchForGate(env, { refs: refsOf(move, policyRef), commits: commitsOf(move), token });
  const call = { ref: move.ref, base: move.base, head: move.head, introductions };
  const landing = move.kind === "push" ? "push" : as;
  return judgeCall(env, { ...call, as: landing, policyRef: toTracking(policyRef) });
}
function readInputs(env) {
  const read = (name) => (env[`INPUT_${name.toUpperCase()}`] ?? "").trim();
  const refuse2 = (name, hint) => new SignetError("usage", `The input ${name} cannot be ${JSON.stringify(read(name))}.`, hint);
  const policyRef = read("policy-ref");
  if (!isRefName(policyRef) || !policyRef.startsWith("refs/heads/")) {
    throw refuse2("policy-ref", "Write the full name of a branch: refs/heads/main.");
  }
  const as = LANDINGS.find((one) => one === read("as") && one !== "push");
  if (as === void 0) throw refuse2("as", "Write merge, squash, rebase or ff: how pull requests land.");
  const introductions = read("introductions").split(/\s+/).filter((oid) => oid !== "");
  if (!introductions.every((oid) => /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(oid))) {
    throw refuse2("introductions", "Give full ids of commits, in lower case.");
  }
  const workspace = (0, import_node_path15.resolve)(env["GITHUB_WORKSPACE"] ?? ".");
  const path = (0, import_node_path15.resolve)(workspace, read("path"));
  if ((0, import_node_path15.relative)(workspace, path).startsWith("..")) throw refuse2("path", "Name a folder below the workspace.");
  return { policyRef, as, introductions, token: read("token"), path };
}
function withoutInputs(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("INPUT_")));
}
function refsOf({ ref, head }, policyRef) {
  if (!ref.startsWith("refs/tags/")) return [policyRef];
  return ["refs/heads/*", ...isZero(head) ? [] : [ref]];
}
function commitsOf({ base, head }) {
  return [base, head].filter((oid) => !isZero(oid));
}
function toTracking(ref) {
  return ref.replace("refs/heads/", "refs/remotes/origin/");
}
function writeOutputs(env, { result, context }) {
  const report = (0, import_node_path15.join)(
    env["RUNNER_TEMP"] ?? (0, import_node_os5.tmpdir)(),
    `git-signet-gate-${(0, import_node_crypto27.randomBytes)(8).toString("hex")}.json`
  );
  const text4 = gateJson(result, context);
  (0, import_node_fs13.writeFileSync)(report, `${text4}
`);
  const { judged, refused } = JSON.parse(text4);
  const verdicts = { [EXIT.good]: "accepted", [EXIT.no]: "rejected" };
  const verdict = verdicts[context.exitCode] ?? "unjudged";
  setOutputs(env, { verdict, "exit-code": context.exitCode, judged, refused, report });
}
function setOutputs(env, outputs) {
  const path = env["GITHUB_OUTPUT"] ?? "";
  if (path === "") return;
  (0, import_node_fs13.appendFileSync)(
    path,
    Object.entries(outputs).map(([name, value]) => `${name}=${value}
`).join("")
  );
}
function toProblem(error) {
  if (isSignetError(error)) return error;
  const message = error instanceof Error ? error.stack ?? error.message : String(error);
  return {
    message,
    hint: "This is a bug in git-signet, or a broken machine: please report it.",
    exitCode: EXIT.bug
  };
}

// src/action.ts
failClosed();
runGithubAction(process.env).then((exitCode) => {
  process.exitCode = exitCode;
});

// git-signet contains code of the packages below, each under its own licence.
//
// ------------------------------------------------------------------------------
// eslint-visitor-keys 5.0.1 (Apache-2.0)
//
// Apache License
//                            Version 2.0, January 2004
//                         http://www.apache.org/licenses/
//
//    TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION
//
//    1. Definitions.
//
//       "License" shall mean the terms and conditions for use, reproduction,
//       and distribution as defined by Sections 1 through 9 of this document.
//
//       "Licensor" shall mean the copyright owner or entity authorized by
//       the copyright owner that is granting the License.
//
//       "Legal Entity" shall mean the union of the acting entity and all
//       other entities that control, are controlled by, or are under common
//       control with that entity. For the purposes of this definition,
//       "control" means (i) the power, direct or indirect, to cause the
//       direction or management of such entity, whether by contract or
//       otherwise, or (ii) ownership of fifty percent (50%) or more of the
//       outstanding shares, or (iii) beneficial ownership of such entity.
//
//       "You" (or "Your") shall mean an individual or Legal Entity
//       exercising permissions granted by this License.
//
//       "Source" form shall mean the preferred form for making modifications,
//       including but not limited to software source code, documentation
//       source, and configuration files.
//
//       "Object" form shall mean any form resulting from mechanical
//       transformation or translation of a Source form, including but
//       not limited to compiled object code, generated documentation,
//       and conversions to other media types.
//
//       "Work" shall mean the work of authorship, whether in Source or
//       Object form, made available under the License, as indicated by a
//       copyright notice that is included in or attached to the work
//       (an example is provided in the Appendix below).
//
//       "Derivative Works" shall mean any work, whether in Source or Object
//       form, that is based on (or derived from) the Work and for which the
//       editorial revisions, annotations, elaborations, or other modifications
//       represent, as a whole, an original work of authorship. For the purposes
//       of this License, Derivative Works shall not include works that remain
//       separable from, or merely link (or bind by name) to the interfaces of,
//       the Work and Derivative Works thereof.
//
//       "Contribution" shall mean any work of authorship, including
//       the original version of the Work and any modifications or additions
//       to that Work or Derivative Works thereof, that is intentionally
//       submitted to Licensor for inclusion in the Work by the copyright owner
//       or by an individual or Legal Entity authorized to submit on behalf of
//       the copyright owner. For the purposes of this definition, "submitted"
//       means any form of electronic, verbal, or written communication sent
//       to the Licensor or its representatives, including but not limited to
//       communication on electronic mailing lists, source code control systems,
//       and issue tracking systems that are managed by, or on behalf of, the
//       Licensor for the purpose of discussing and improving the Work, but
//       excluding communication that is conspicuously marked or otherwise
//       designated in writing by the copyright owner as "Not a Contribution."
//
//       "Contributor" shall mean Licensor and any individual or Legal Entity
//       on behalf of whom a Contribution has been received by Licensor and
//       subsequently incorporated within the Work.
//
//    2. Grant of Copyright License. Subject to the terms and conditions of
//       this License, each Contributor hereby grants to You a perpetual,
//       worldwide, non-exclusive, no-charge, royalty-free, irrevocable
//       copyright license to reproduce, prepare Derivative Works of,
//       publicly display, publicly perform, sublicense, and distribute the
//       Work and such Derivative Works in Source or Object form.
//
//    3. Grant of Patent License. Subject to the terms and conditions of
//       this License, each Contributor hereby grants to You a perpetual,
//       worldwide, non-exclusive, no-charge, royalty-free, irrevocable
//       (except as stated in this section) patent license to make, have made,
//       use, offer to sell, sell, import, and otherwise transfer the Work,
//       where such license applies only to those patent claims licensable
//       by such Contributor that are necessarily infringed by their
//       Contribution(s) alone or by combination of their Contribution(s)
//       with the Work to which such Contribution(s) was submitted. If You
//       institute patent litigation against any entity (including a
//       cross-claim or counterclaim in a lawsuit) alleging that the Work
//       or a Contribution incorporated within the Work constitutes direct
//       or contributory patent infringement, then any patent licenses
//       granted to You under this License for that Work shall terminate
//       as of the date such litigation is filed.
//
//    4. Redistribution. You may reproduce and distribute copies of the
//       Work or Derivative Works thereof in any medium, with or without
//       modifications, and in Source or Object form, provided that You
//       meet the following conditions:
//
//       (a) You must give any other recipients of the Work or
//           Derivative Works a copy of this License; and
//
//       (b) You must cause any modified files to carry prominent notices
//           stating that You changed the files; and
//
//       (c) You must retain, in the Source form of any Derivative Works
//           that You distribute, all copyright, patent, trademark, and
//           attribution notices from the Source form of the Work,
//           excluding those notices that do not pertain to any part of
//           the Derivative Works; and
//
//       (d) If the Work includes a "NOTICE" text file as part of its
//           distribution, then any Derivative Works that You distribute must
//           include a readable copy of the attribution notices contained
//           within such NOTICE file, excluding those notices that do not
//           pertain to any part of the Derivative Works, in at least one
//           of the following places: within a NOTICE text file distributed
//           as part of the Derivative Works; within the Source form or
//           documentation, if provided along with the Derivative Works; or,
//           within a display generated by the Derivative Works, if and
//           wherever such third-party notices normally appear. The contents
//           of the NOTICE file are for informational purposes only and
//           do not modify the License. You may add Your own attribution
//           notices within Derivative Works that You distribute, alongside
//           or as an addendum to the NOTICE text from the Work, provided
//           that such additional attribution notices cannot be construed
//           as modifying the License.
//
//       You may add Your own copyright statement to Your modifications and
//       may provide additional or different license terms and conditions
//       for use, reproduction, or distribution of Your modifications, or
//       for any such Derivative Works as a whole, provided Your use,
//       reproduction, and distribution of the Work otherwise complies with
//       the conditions stated in this License.
//
//    5. Submission of Contributions. Unless You explicitly state otherwise,
//       any Contribution intentionally submitted for inclusion in the Work
//       by You to the Licensor shall be under the terms and conditions of
//       this License, without any additional terms or conditions.
//       Notwithstanding the above, nothing herein shall supersede or modify
//       the terms of any separate license agreement you may have executed
//       with Licensor regarding such Contributions.
//
//    6. Trademarks. This License does not grant permission to use the trade
//       names, trademarks, service marks, or product names of the Licensor,
//       except as required for reasonable and customary use in describing the
//       origin of the Work and reproducing the content of the NOTICE file.
//
//    7. Disclaimer of Warranty. Unless required by applicable law or
//       agreed to in writing, Licensor provides the Work (and each
//       Contributor provides its Contributions) on an "AS IS" BASIS,
//       WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or
//       implied, including, without limitation, any warranties or conditions
//       of TITLE, NON-INFRINGEMENT, MERCHANTABILITY, or FITNESS FOR A
//       PARTICULAR PURPOSE. You are solely responsible for determining the
//       appropriateness of using or redistributing the Work and assume any
//       risks associated with Your exercise of permissions under this License.
//
//    8. Limitation of Liability. In no event and under no legal theory,
//       whether in tort (including negligence), contract, or otherwise,
//       unless required by applicable law (such as deliberate and grossly
//       negligent acts) or agreed to in writing, shall any Contributor be
//       liable to You for damages, including any direct, indirect, special,
//       incidental, or consequential damages of any character arising as a
//       result of this License or out of the use or inability to use the
//       Work (including but not limited to damages for loss of goodwill,
//       work stoppage, computer failure or malfunction, or any and all
//       other commercial damages or losses), even if such Contributor
//       has been advised of the possibility of such damages.
//
//    9. Accepting Warranty or Additional Liability. While redistributing
//       the Work or Derivative Works thereof, You may choose to offer,
//       and charge a fee for, acceptance of support, warranty, indemnity,
//       or other liability obligations and/or rights consistent with this
//       License. However, in accepting such obligations, You may act only
//       on Your own behalf and on Your sole responsibility, not on behalf
//       of any other Contributor, and only if You agree to indemnify,
//       defend, and hold each Contributor harmless for any liability
//       incurred by, or claims asserted against, such Contributor by reason
//       of your accepting any such warranty or additional liability.
//
//    END OF TERMS AND CONDITIONS
//
//    APPENDIX: How to apply the Apache License to your work.
//
//       To apply the Apache License to your work, attach the following
//       boilerplate notice, with the fields enclosed by brackets "{}"
//       replaced with your own identifying information. (Don't include
//       the brackets!)  The text should be enclosed in the appropriate
//       comment syntax for the file format. We also recommend that a
//       file or class name and description of purpose be included on the
//       same "printed page" as the copyright notice for easier
//       identification within third-party archives.
//
//    Copyright contributors
//
//    Licensed under the Apache License, Version 2.0 (the "License");
//    you may not use this file except in compliance with the License.
//    You may obtain a copy of the License at
//
//        http://www.apache.org/licenses/LICENSE-2.0
//
//    Unless required by applicable law or agreed to in writing, software
//    distributed under the License is distributed on an "AS IS" BASIS,
//    WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
//    See the License for the specific language governing permissions and
//    limitations under the License.
//
// ------------------------------------------------------------------------------
// toml-eslint-parser 1.0.3 (MIT)
//
// MIT License
//
// Copyright (c) 2021 Yosuke Ota
//
// Permission is hereby granted, free of charge, to any person obtaining a copy
// of this software and associated documentation files (the "Software"), to deal
// in the Software without restriction, including without limitation the rights
// to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
// copies of the Software, and to permit persons to whom the Software is
// furnished to do so, subject to the following conditions:
//
// The above copyright notice and this permission notice shall be included in all
// copies or substantial portions of the Software.
//
// THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
// IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
// FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
// AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
// LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
// OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
// SOFTWARE.
//