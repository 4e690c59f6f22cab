// Holds a JSON file against the JSON Schema beside it.
const Ajv = require('ajv/dist/2020');
const formats = require('ajv-formats');
const fs = require('fs');
const path = require('path');

module.exports = async (dir, file) => {
  const text = fs.readFileSync(path.join(dir, file), 'utf8');
  const data = file.endsWith('.jsonl') ? text.split('\n').filter(Boolean).map((line) => JSON.parse(line)) : JSON.parse(text);
  const schema = JSON.parse(fs.readFileSync(path.join(dir, file.replace(/\.jsonl?$/, '.schema.json')), 'utf8'));
  const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
  formats(ajv);
  const validate = ajv.compile(schema);
  return validate(data) ? [] : validate.errors.map((e) => `${e.instancePath} ${e.message}`);
};
