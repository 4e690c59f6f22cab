// Expands JSON-LD with jsonld and holds it against the vocabulary of schema.org: words
// without a meaning, types and properties that are none, properties that a type does
// not have. A file of HTML is looked through for what it has in <script>.
const jsonld = require('jsonld');
const fs = require('fs');
const path = require('path');

const schema = 'https://schema.org/';
const modules = (process.env.NODE_PATH || '').split(path.delimiter);
const find = (name) => modules.map((m) => path.join(m, name)).find((f) => fs.existsSync(f));
const types = new Map(); // with what they are kinds of
const domains = new Map(); // of properties
for (const line of fs.readFileSync(find('@vocabulary/schema/schema.nq'), 'utf8').split('\n')) {
  const m = /^<http:\/\/schema\.org\/(\w+)> <([^>]+)> <([^>]+)>/.exec(line);
  if (!m) continue;
  const [, name, predicate, to] = m;
  const local = to.replace('http://schema.org/', '');
  if (predicate.endsWith('#type') && to.endsWith('#Class')) types.set(name, types.get(name) || []);
  if (predicate.endsWith('#subClassOf')) types.set(name, [...(types.get(name) || []), local]);
  if (predicate.endsWith('domainIncludes')) domains.set(name, [...(domains.get(name) || []), local]);
}
const kinds = (t) => [t, ...(types.get(t) || []).flatMap(kinds)];
const crate = () => ({ '@context': JSON.parse(fs.readFileSync(find('ro-crate/lib/context.json'), 'utf8'))['@context'] });
const contexts = {
  'https://schema.org': () => ({ '@context': { '@vocab': schema, id: '@id', type: '@type', url: { '@type': '@id' } } }),
  'https://w3id.org/ro/crate/1.2/context': crate,
};
const documentLoader = async (url) => {
  if (!contexts[url]) throw new Error(`no context ${url}`);
  return { contextUrl: null, documentUrl: url, document: contexts[url]() };
};

function look(node, tell) {
  if (Array.isArray(node)) return node.forEach((n) => look(n, tell));
  if (node === null || typeof node !== 'object' || node['@value'] !== undefined) return undefined;
  const ours = /^https?:\/\/schema\.org\//;
  const of = (node['@type'] || []).map((t) => t.replace(ours, ''));
  for (const t of node['@type'] || []) {
    if (ours.test(t) && !types.has(t.replace(ours, ''))) tell(`there is no type ${t}`);
    if (!/^https?:/.test(t)) tell(`${t} has no meaning`);
  }
  for (const [key, value] of Object.entries(node)) {
    look(value, tell);
    const name = /^https?:\/\/schema\.org\/(\w+)$/.exec(key)?.[1];
    if (!name) continue;
    if (!domains.has(name)) tell(`there is no property ${name}`);
    else if (of.length && !of.flatMap(kinds).some((k) => domains.get(name).includes(k))) tell(`${of} has no ${name}`);
  }
  return undefined;
}

module.exports = async (dir, file) => {
  const text = fs.readFileSync(path.join(dir, file), 'utf8');
  const texts = file.endsWith('.html') ? [...text.matchAll(/<script type="?application\/ld\+json"?>([^]*?)<\/script>/g)].map((m) => m[1]) : [text];
  const found = texts.length ? [] : [`${file} has none`];
  const eventHandler = ({ event, next }) => { found.push(`${event.code} ${JSON.stringify(event.details)}`); next(); };
  for (const one of texts) {
    try {
      look(await jsonld.expand(JSON.parse(one), { documentLoader, eventHandler, base: 'https://example.org/' }), (s) => found.push(s));
    } catch (e) { found.push(e.message); }
  }
  return found;
};
