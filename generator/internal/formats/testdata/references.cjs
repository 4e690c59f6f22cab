// Reads files of BibTeX and RIS with citation-js and gives what it understood as
// CSL-JSON, one array a file.
const { Cite } = require('@citation-js/core');
require('@citation-js/plugin-bibtex');
require('@citation-js/plugin-ris');
const fs = require('fs');

const understood = process.argv.slice(2).map((file) => new Cite(fs.readFileSync(file, 'utf8')).data.map(({ _graph, ...item }) => item));
process.stdout.write(JSON.stringify(understood));
