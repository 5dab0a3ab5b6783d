// What tests ask Thunderbird to do, as its own code does it behind menus and buttons. Runs with the
// program's rights, called by marionette.py; a promise is waited for. Folders are named by account
// (mail address and type) and path from its root: ["alice@example.test", "imap", "Work/Old"].
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const { MailUtils } = ChromeUtils.importESModule("resource:///modules/MailUtils.sys.mjs");

function windows() {
    const found = [];
    for (const win of Services.wm.getEnumerator(null)) {
        found.push(`${win.document.documentElement.getAttribute("windowtype")} ` +
            `${win.location.href} ${win.document.title}`);
    }
    return found;
}

function newest(kind) {
    return Services.wm.getMostRecentWindow(kind);
}

// Of the window it is called in.
function window_is(kind) {
    return window.document.readyState == "complete" &&
        window.document.documentElement.getAttribute("windowtype") == kind;
}

// After two frames what was changed before is on the screen.
function painted() {
    const win = window;
    return new Promise((resolve) => {
        win.requestAnimationFrame(() => win.requestAnimationFrame(() => resolve(true)));
        win.setTimeout(() => resolve(true), 1000);  // a hidden window has no frames
    });
}

function started() {
    const main = newest("mail:3pane");
    return Boolean(main?.document.readyState == "complete" && pane()?.document.readyState ==
        "complete" && pane().folderPane);
}

function pane() {
    return newest("mail:3pane").document.getElementById("tabmail").currentAbout3Pane;
}

function reader() {
    return newest("mail:3pane").document.getElementById("tabmail").currentAboutMessage;
}

// --- accounts ------------------------------------------------------------------------------------

// Trusts a certificate for host and ports: what "Confirm Security Exception" does.
function trust(host, ports, base64) {
    const certificate = Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB)
        .constructX509FromBase64(base64);
    const overrides = Cc["@mozilla.org/security/certoverride;1"]
        .getService(Ci.nsICertOverrideService);
    for (const port of ports) {
        overrides.rememberValidityOverride(host, port, {}, certificate, false);
    }
}

// Sets up an account as its dialog does: tries the settings by logging in, then creates it.
async function make_account(settings) {
    const base = "resource:///modules/accountcreation/";
    const { AccountConfig } = ChromeUtils.importESModule(`${base}AccountConfig.sys.mjs`);
    const { ConfigVerifier } = ChromeUtils.importESModule(`${base}ConfigVerifier.sys.mjs`);
    const { CreateInBackend } = ChromeUtils.importESModule(`${base}CreateInBackend.sys.mjs`);
    const security = { STARTTLS: Ci.nsMsgSocketType.alwaysSTARTTLS, TLS: Ci.nsMsgSocketType.SSL };
    const login = {
        hostname: settings.host, username: settings.address, password: settings.password,
        auth: Ci.nsMsgAuthMethod.passwordCleartext,
    };
    const config = new AccountConfig();
    config.identity = { realname: settings.name, emailAddress: settings.address };
    config.source = AccountConfig.kSourceUser;
    config.rememberPassword = true;
    Object.assign(config.incoming, login, settings.incoming,
        { socketType: security[settings.incoming.security] });
    Object.assign(config.outgoing, login, settings.outgoing,
        { type: "smtp", socketType: security[settings.outgoing.security] });
    const verifier = new ConfigVerifier(newest("mail:3pane").msgWindow,
        new AbortController().signal);
    const verified = await verifier.verifyConfig(config, false);
    await CreateInBackend.createAccountInBackend(verified ?? config);
    return true;
}

function incoming(address, type) {
    return MailServices.accounts.allServers.find(
        (server) => server.username == address && server.type == type);
}

// Asks the server what is new, as "Get Messages" does; resolves when that is done.
function get_messages(address, type, path = "INBOX") {
    const place = folder_at(address, type, path);
    if (!place) return false;
    return new Promise((resolve, reject) => {
        const listener = {
            QueryInterface: ChromeUtils.generateQI(["nsIUrlListener"]),
            OnStartRunningUrl() {},
            OnStopRunningUrl(url, status) {
                if (Components.isSuccessCode(status)) resolve(true);
                else reject(new Error(`getting messages: ${status.toString(16)}`));
            },
        };
        incoming(address, type).getNewMessages(place, newest("mail:3pane").msgWindow, listener);
    });
}

// --- folders -------------------------------------------------------------------------------------

function folder_at(address, type, path) {
    let place = incoming(address, type)?.rootFolder;
    for (const name of path.split("/")) {
        place = place?.subFolders.find((sub) => sub.name.toLowerCase() == name.toLowerCase());
    }
    return place ?? null;
}

// Names and special uses: {Sent: "sent", Work: ""}.
function folders(address, type) {
    const uses = { Inbox: "inbox", SentMail: "sent", Drafts: "drafts", Trash: "trash",
        Junk: "junk", Archive: "archive" };
    const found = {};
    for (const sub of incoming(address, type).rootFolder.descendants) {
        const use = Object.keys(uses).find((flag) => sub.flags & Ci.nsMsgFolderFlags[flag]);
        found[sub.name] = use ? uses[use] : "";
    }
    return found;
}

function make_folder(address, type, name) {
    incoming(address, type).rootFolder.createSubfolder(name, newest("mail:3pane").msgWindow);
    return true;
}

function open_folder(address, type, path) {
    const place = folder_at(address, type, path);
    if (!place) return false;
    if (pane().gFolder != place) pane().displayFolder(place.URI);
    return pane().gFolder == place && Boolean(pane().gDBView);
}

// Thunderbird keeps the "Re: " of a subject as a flag.
function subject_of(header) {
    return (header.flags & Ci.nsMsgMessageFlags.HasRe ? "Re: " : "") + header.mime2DecodedSubject;
}

// Subjects of the open folder in the order of the list on the screen.
function list() {
    const view = pane().gDBView;
    const subjects = [];
    for (let row = 0; row < (view?.rowCount ?? 0); row++) {
        subjects.push(subject_of(view.getMsgHdrAt(row)));
    }
    return subjects;
}

function lists(...subjects) {
    const shown = list();
    return subjects.length == shown.length && subjects.every((one) => shown.includes(one));
}

// --- messages of the open folder -----------------------------------------------------------------

function select_message(subject) {
    const row = list().indexOf(subject);
    if (row < 0) return false;
    if (pane().threadTree.selectedIndex != row) pane().threadTree.selectedIndex = row;
    return true;
}

// What is shown of the selected message, or null until it is there.
function shown(subject) {
    const view = reader();
    if (!view?.msgLoaded || subject_of(view.gMessage) != subject) return null;
    const { document } = view;
    const body = view.getMessagePaneBrowser().contentDocument?.body;
    if (!body?.textContent.trim()) return null;
    return {
        subject: document.getElementById("expandedsubjectBox").textContent.trim(),
        from: document.getElementById("expandedfromBox").textContent.trim(),
        text: body.textContent,
        attachments: view.currentAttachments.map((one) => one.name),
    };
}

// Saves the first attachment of the message shown.
async function save_attachment(path) {
    const [attachment] = reader().currentAttachments;
    await attachment.saveToFile(path);
    return true;
}

function flags_of(subject) {
    const view = pane().gDBView;
    const row = list().indexOf(subject);
    if (row < 0) return null;
    const header = view.getMsgHdrAt(row);
    return { read: header.isRead, starred: header.isFlagged,
        replied: Boolean(header.flags & Ci.nsMsgMessageFlags.Replied),
        tags: header.getStringProperty("keywords") };
}

// Presses a command of the message list: cmd_deleteMessage, cmd_tag1, cmd_markAsFlagged.
function press(command) {
    pane().commandController.doCommand(command);
    return true;
}

function move_selected(address, type, path) {
    pane().commandController.doCommand("cmd_moveMessage", folder_at(address, type, path));
    return true;
}

function empty_trash(address, type) {
    folder_at(address, type, "Trash").emptyTrash(null);
    return true;
}

// Subjects the server finds: a search of the whole message, not of what is held here.
function search_on_server(address, type, path, words) {
    const session = Cc["@mozilla.org/messenger/searchSession;1"]
        .createInstance(Ci.nsIMsgSearchSession);
    session.addScopeTerm(Ci.nsMsgSearchScope.onlineMail, folder_at(address, type, path));
    const term = session.createTerm();
    term.attrib = Ci.nsMsgSearchAttrib.Body;
    term.op = Ci.nsMsgSearchOp.Contains;
    const { value } = term;
    value.attrib = Ci.nsMsgSearchAttrib.Body;
    value.str = words;
    term.value = value;
    session.appendTerm(term);
    return new Promise((resolve) => {
        const found = [];
        session.registerListener({
            QueryInterface: ChromeUtils.generateQI(["nsIMsgSearchNotify"]),
            onNewSearch() {},
            onSearchHit(header) { found.push(subject_of(header)); },
            onSearchDone() { resolve(found); },
        });
        session.search(newest("mail:3pane").msgWindow);
    });
}

// --- writing -------------------------------------------------------------------------------------

function compose(address, to, subject, text, attachment) {
    const fields = Cc["@mozilla.org/messengercompose/composefields;1"]
        .createInstance(Ci.nsIMsgCompFields);
    Object.assign(fields, { to, subject, body: text, forcePlainText: true });
    if (attachment) {
        const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
        file.initWithPath(attachment);
        const part = Cc["@mozilla.org/messengercompose/attachment;1"]
            .createInstance(Ci.nsIMsgAttachment);
        part.url = Services.io.newFileURI(file).spec;
        part.name = file.leafName;
        part.size = file.fileSize;
        fields.addAttachment(part);
    }
    const params = Cc["@mozilla.org/messengercompose/composeparams;1"]
        .createInstance(Ci.nsIMsgComposeParams);
    params.composeFields = fields;
    params.type = Ci.nsIMsgCompType.New;
    params.format = Ci.nsIMsgCompFormat.PlainText;
    params.identity = MailServices.accounts.allIdentities.find((one) => one.email == address);
    MailServices.compose.OpenComposeWindowWithParams(null, params);
    return true;
}

function composing() {
    const win = newest("msgcompose");
    return Boolean(win?.gLoadingComplete && win.gMsgCompose?.editor && !win.gWindowLocked);
}

function send_now() {
    newest("msgcompose").goDoCommand("cmd_sendNow");
    return true;
}

function not_composing() {
    const prompt = newest("msgcompose")?.document.querySelector("dialog[open]") ??
        newest("commonDialog")?.document.documentElement;
    if (prompt) throw new Error(`a question is open: ${prompt.textContent}`);
    return newest("msgcompose") == null;
}

function reply() {
    pane().commandController.doCommand("cmd_reply");
    return true;
}

function folder_is_there(address, type, path) {
    return folder_at(address, type, path) != null;
}
