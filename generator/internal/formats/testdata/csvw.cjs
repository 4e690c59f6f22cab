// Reads measures.csv by its metadata with a CSV on the Web parser: what comes out has to
// be what measures.json has. The parser takes names and types of columns from the
// metadata; separators it does not know.
const jsonld = require('jsonld');
const fs = require('fs');
const path = require('path');
const { pathToFileURL } = require('url');
const { Readable } = require('stream');

const ns = 'http://www.w3.org/ns/csvw#';
// What this uses of the context of the recommendation.
const context = { '@context': { '@vocab': ns, dc: 'http://purl.org/dc/terms/', titles: { '@id': `${ns}title` }, columns: { '@id': `${ns}column`, '@container': '@list' }, url: { '@type': '@id' } } };

module.exports = async (site) => {
  const dir = path.join(site, 'data');
  const found = [];
  const { default: Parser } = await import(pathToFileURL(require.resolve('@zazuko/rdf-parser-csvw')));
  const load = async (name) => (await import(pathToFileURL(require.resolve(name)))).default;
  const [Environment, Data, Sets] = await Promise.all(['@rdfjs/environment', '@rdfjs/data-model/Factory.js', '@rdfjs/dataset/Factory.js'].map(load));
  const rdf = new Environment([Data, Sets]);
  const metadata = JSON.parse(fs.readFileSync(path.join(dir, 'measures.csv-metadata.json'), 'utf8'));
  const units = JSON.parse(fs.readFileSync(path.join(dir, 'measures.json'), 'utf8'));
  const one = { ...metadata.tables.find((t) => t.url === 'measures.csv'), '@context': metadata['@context'], '@type': 'Table' };
  const quads = await jsonld.toRDF(one, { base: 'https://example.org/', documentLoader: async (url) => ({ documentUrl: url, document: context }) });
  const term = (t) => (t.termType === 'Literal' ? rdf.literal(t.value, t.language || rdf.namedNode(t.datatype.value)) : t.termType === 'BlankNode' ? rdf.blankNode(t.value) : rdf.namedNode(t.value));
  const dataset = rdf.dataset(quads.map((q) => rdf.quad(term(q.subject), term(q.predicate), term(q.object))));
  const parser = new Parser({ metadata: dataset, baseIRI: 'https://example.org/measures.csv' });
  const text = fs.readFileSync(path.join(dir, 'measures.csv'), 'utf8').replace(/^\ufeff/, ''); // what every decoder does
  const rows = new Map();
  for await (const q of parser.import(Readable.from([text]))) {
    const name = decodeURIComponent(q.predicate.value.split('#').pop());
    const row = rows.get(q.subject.value) || new Map();
    row.set(name, [...(row.get(name) || []), q.object]);
    rows.set(q.subject.value, row);
  }
  const read = new Map([...rows.values()].filter((r) => r.has('id')).map((r) => [r.get('id')[0].value, r]));
  for (const u of units) {
    const get = (name) => (read.get(u.id)?.get(name) || []).map((o) => o.value).filter(Boolean).join();
    const want = { zh: u.zh, en: u.en, chapter: u.chapter === null ? '' : String(u.chapter), topics: u.topics.join(' '), places: u.places.join(' '), bodies: u.bodies.join(' '), url_en: u.url.en };
    const types = (read.get(u.id)?.get('chapter') || []).map((o) => o.datatype.value);
    if (u.chapter !== null && types.join() !== 'http://www.w3.org/2001/XMLSchema#integer') found.push(`${u.id}: its chapter is of type ${types}`);
    for (const [name, value] of Object.entries(want)) if (get(name) !== value) found.push(`${u.id}: ${name} is ${get(name)}`);
  }
  return found;
};
