// Loads models in TensorFlow.js and holds what they predict against what Keras recorded.
//     node tests/interop/tfjs.js MODULES CASE=FOLDER...
// MODULES is where npm installed @tensorflow/tfjs; CASE holds case.json and the recorded arrays, FOLDER the model.
// One line per model: "ok CASE", "differs CASE: …" or "refused CASE: …". Exit status 1 if one differs.
const fs = require('fs');
const path = require('path');

console.warn = () => {};
const tf = require(path.join(path.resolve(process.argv[2]), '@tensorflow', 'tfjs'));

const readers = {
  '<f4': b => new Float32Array(b), '<f8': b => Float32Array.from(new Float64Array(b)),
  '<i4': b => new Int32Array(b), '<i8': b => Int32Array.from(new BigInt64Array(b), Number),
  '|u1': b => Int32Array.from(new Uint8Array(b)), '|b1': b => new Uint8Array(b),
};

function readNpy(file) {
  const bytes = fs.readFileSync(file);
  const length = bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, 10 + length);
  const descr = /'descr': '([^']*)'/.exec(header)[1];
  const shape = /'shape': \(([^)]*)\)/.exec(header)[1].split(',').filter(s => s.trim()).map(Number);
  if (!readers[descr]) throw new Error(`array of ${descr}`);
  const data = bytes.buffer.slice(bytes.byteOffset + 10 + length, bytes.byteOffset + bytes.length);
  return {values: readers[descr](data), shape, dtype: {'|b1': 'bool'}[descr] || (/[iu]/.test(descr) ? 'int32' : 'float32')};
}

function fromFolder(folder) {
  return {load: async () => {
    const json = JSON.parse(fs.readFileSync(path.join(folder, 'model.json')));
    const groups = json.weightsManifest;
    const shards = groups.flatMap(g => g.paths).map(p => fs.readFileSync(path.join(folder, p)));
    const data = Buffer.concat(shards);
    return {modelTopology: json.modelTopology, format: json.format, weightSpecs: groups.flatMap(g => g.weights),
            weightData: data.buffer.slice(data.byteOffset, data.byteOffset + data.length)};
  }};
}

async function check(folder, model) {
  const facts = JSON.parse(fs.readFileSync(path.join(folder, 'case.json')));
  const inputs = facts.inputs.map(i => readNpy(path.join(folder, i.file)));
  const loaded = await tf.loadLayersModel(fromFolder(model));
  const tensors = inputs.map(x => tf.tensor(x.values, x.shape, x.dtype));
  const found = [].concat(loaded.predict(tensors.length === 1 ? tensors[0] : tensors));
  if (found.length !== facts.outputs.length) return `${found.length} outputs, wanted ${facts.outputs.length}`;
  for (let i = 0; i < found.length; ++i) {
    const wanted = readNpy(path.join(folder, facts.outputs[i].file));
    if (String(found[i].shape) !== String(wanted.shape)) return `output ${i}: shape ${found[i].shape}, wanted ${wanted.shape}`;
    const values = found[i].dataSync();
    for (let k = 0; k < values.length; ++k) {
      const a = values[k], b = wanted.values[k];
      const same = Number.isNaN(b) ? Number.isNaN(a) : a === b || Math.abs(a - b) <= facts.atol * 5 + facts.rtol * Math.abs(b);
      if (!same) return `output ${i}[${k}]: ${a}, wanted ${b}`;
    }
  }
  return '';
}

async function main() {
  let failed = false;
  for (const pair of process.argv.slice(3)) {
    const [folder, model] = pair.split('=');
    const name = folder.split('/').slice(-2).join('/');
    tf.engine().startScope();
    try {
      const difference = await check(folder, model);
      console.log(difference ? `differs ${name}: ${difference}` : `ok ${name}`);
      failed = failed || difference !== '';
    } catch (error) {
      console.log(`refused ${name}: ${String(error.message).split('\n')[0].slice(0, 200)}`);
    }
    tf.engine().endScope();
  }
  process.exit(failed ? 1 : 0);
}

main();
