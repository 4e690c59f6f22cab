// Runs Ace by DAISY on a book, in the browser of PUPPETEER_EXECUTABLE_PATH, and prints
// its outcome, the number of documents that it looked at, and the violations.
const fs = require('fs'), os = require('os'), path = require('path');
const ace = require('@daisy/ace-core');
const runner = require('@daisy/ace-axe-runner-puppeteer');

const out = fs.mkdtempSync(path.join(os.tmpdir(), 'ace-'));
ace(process.argv[2], { cwd: process.cwd(), outdir: out, silent: true, initLogger: true, fileName: path.join(out, 'ace.log'), jobId: '' }, runner)
  .then(([, report]) => {
    const violations = [];
    for (const doc of report.assertions) {
      for (const a of doc.assertions || []) {
        const title = a['earl:test']['dct:title'], at = a['earl:result'].html || '';
        violations.push(`${doc['earl:testSubject'].url}: ${a['earl:test']['earl:impact']} ${title} ${at}`);
      }
    }
    const documents = report.assertions.filter((d) => /\.xhtml$/.test(d['earl:testSubject'].url)).length;
    console.log(JSON.stringify({ outcome: report['earl:result']['earl:outcome'], documents, violations }));
    fs.rmSync(out, { recursive: true, force: true });
    process.exit(0);
  })
  .catch((err) => {
    console.error(err);
    process.exit(1);
  });
