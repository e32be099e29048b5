// Makes preact.js out of the npm packages that web/test/package-lock.json holds: each package's
// own module file, unchanged but for its import and export lines, in a function of its own.
//
//   cd web/test && npm ci && node ../vendor/make.mjs

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const modules = new URL('../test/node_modules/', import.meta.url);

/** Package, module file, name of its function here; in the order in which they need each other. */
const PARTS = [
  ['preact', 'preact', 'dist/preact.mjs'],
  ['preact', 'preact/hooks', 'hooks/dist/hooks.mjs'],
  ['@preact/signals-core', '@preact/signals-core', 'dist/signals-core.mjs'],
  ['@preact/signals', '@preact/signals', 'dist/signals.mjs'],
  ['htm', 'htm', 'dist/htm.mjs'],
];

/** What the page imports from the file. */
const GIVEN = {
  preact: ['Component', 'Fragment', 'createElement', 'h', 'render'],
  'preact/hooks': ['useCallback', 'useEffect', 'useLayoutEffect', 'useMemo', 'useRef', 'useState'],
  '@preact/signals-core': ['batch', 'computed', 'effect', 'signal', 'untracked'],
};

const names = new Map(PARTS.map(([, id], at) => [id, `part${at}`]));
const read = (path) => readFileSync(new URL(path, modules), 'utf8');

/** `{a as b,c}` of an import or export as pairs of the name inside and the name outside. */
function pairs(list) {
  return list
    .split(',')
    .filter((item) => item.trim() !== '')
    .map((item) => item.trim().split(/\s+as\s+/))
    .map(([one, two]) => [one, two ?? one]);
}

function part([name, id, path]) {
  const about = JSON.parse(read(`${name}/package.json`));
  const given = [];
  const takings = [];
  let code = read(`${name}/${path}`).replace(/\/\/# sourceMappingURL=\S+\s*$/, '');
  code = code.replace(/\bimport\s*\{([^}]*)\}\s*from\s*"([^"]+)";?/g, (_, list, from) => {
    const taken = pairs(list).map(([outside, inside]) => `${outside}: ${inside}`);
    takings.push(`const { ${taken.join(', ')} } = ${names.get(from)};`);
    return '';
  });
  // What is passed on from another package the page takes from there.
  code = code.replace(/\bexport\s*\{[^}]*\}\s*from\s*"[^"]+";?/g, '');
  code = code.replace(/\bexport\s*\{([^}]*)\};?/g, (_, list) => {
    given.push(...pairs(list).map(([inside, outside]) => `${outside}: ${inside}`));
    return '';
  });
  code = code.replace(/\bexport default\s+/, () => {
    given.push('default: value');
    return 'const value = ';
  });
  if (/\b(import|export)\b\s*[{"*]/.test(code)) throw new Error(`${id}: an import is left`);
  const head = `// ${id} ${about.version}, ${about.license}, ${name}/${path}`;
  const body = `const ${names.get(id)} = (() => {\n${takings.join('\n')}\n${code.trim()}\n`;
  return `${head}\n${body}return { ${given.join(', ')} };\n})();\n`;
}

const exports = Object.entries(GIVEN).map(
  ([id, list]) => `export const { ${list.join(', ')} } = ${names.get(id)};\n`,
);
const file = [
  '// Made by vendor/make.mjs; see vendor/README.md for versions, licences and the hash.\n',
  ...PARTS.map(part),
  ...exports,
  `export const html = ${names.get('htm')}.default.bind(${names.get('preact')}.h);\n`,
].join('\n');

writeFileSync(process.argv[2] ?? new URL('preact.js', import.meta.url), file);
console.log(createHash('sha256').update(file).digest('hex'), file.length);
