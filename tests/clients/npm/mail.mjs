// nodemailer sends with STARTTLS and with TLS; imapflow reads, flags, moves, searches and is told
// of new mail while it idles. Arguments: ports and the password; status 1 on a failure.
import assert from "node:assert/strict";
import nodemailer from "nodemailer";
import { ImapFlow } from "imapflow";

const [submission, submissions, imap, imaps, password] = process.argv.slice(2);
const host = "127.0.0.1";
const tls = { rejectUnauthorized: false };
const alice = "alice@example.test";
const bob = "bob@example.test";

async function send(port, secure, subject) {
    const transport = nodemailer.createTransport({
        host, port: Number(port), secure, requireTLS: !secure, tls,
        auth: { user: alice, pass: password },
    });
    const info = await transport.sendMail({
        from: alice, to: bob, subject, text: "Grüße\n.dot\n", html: "<p>Grüße</p>",
        attachments: [{ filename: "data.bin", content: Buffer.alloc(5000, 7) }],
    });
    assert.deepEqual(info.accepted, [bob]);
    transport.close();
}

async function read(port, secure, expected) {
    const client = new ImapFlow({
        host, port: Number(port), secure, tls, logger: false, auth: { user: bob, pass: password },
    });
    await client.connect();
    const lock = await client.getMailboxLock("INBOX");
    try {
        assert.equal(client.mailbox.exists, expected.length);
        const subjects = [];
        for await (const message of client.fetch("1:*", {
            uid: true, flags: true, envelope: true, bodyStructure: true, source: true,
        })) {
            subjects.push(message.envelope.subject);
            assert.equal(message.bodyStructure.type, "multipart/mixed");
            assert.ok(message.source.includes("data.bin"));
        }
        assert.deepEqual(subjects, expected);
        assert.ok(await client.messageFlagsAdd("1", ["\\Flagged"]));
        assert.deepEqual(await client.search({ flagged: true }), [1]);
        const { content } = await client.download("1", "2");
        let bytes = 0;
        for await (const chunk of content) bytes += chunk.length;
        assert.equal(bytes, 5000);
        const told = new Promise((resolve) => client.once("exists", resolve));
        client.idle();  // until the next command
        await send(submissions, true, "while idle");
        assert.equal((await told).count, expected.length + 1);
        await client.mailboxCreate("Archive").catch(() => {});
        await client.messageMove(`${expected.length + 1}`, "Archive");
        assert.equal(client.mailbox.exists, expected.length);
    } finally {
        lock.release();
    }
    await client.logout();
}

await send(submission, false, "by starttls");
await send(submissions, true, "by tls");
await read(imap, false, ["by starttls", "by tls"]);
await read(imaps, true, ["by starttls", "by tls"]);
