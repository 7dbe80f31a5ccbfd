// Adds to the group `tfjs`: models made, run and saved by TensorFlow.js itself. Cases end in _js.
//     node make_golden_tfjs.js OUT_DIR MODULES        (MODULES: where npm installed @tensorflow/tfjs 4.22)
const fs = require('fs');
const path = require('path');

console.warn = () => {};
const tf = require(path.join(path.resolve(process.argv[3]), '@tensorflow', 'tfjs'));
const L = tf.layers;

function functional(shape, call) {
  const input = tf.input({shape});
  return tf.model({inputs: input, outputs: call(input)});
}

const MODELS = {
  mlp: () => tf.sequential({layers: [L.dense({units: 5, inputShape: [6], activation: 'relu'}), L.batchNormalization(),
                                     L.dense({units: 3, activation: 'softmax'})]}),
  convolutional: () => tf.sequential({layers: [
    L.conv2d({filters: 4, kernelSize: 3, inputShape: [8, 8, 2], activation: 'elu', padding: 'same'}),
    L.depthwiseConv2d({kernelSize: 3}), L.separableConv2d({filters: 3, kernelSize: 2}), L.leakyReLU(),
    L.averagePooling2d({poolSize: 2}), L.zeroPadding2d({padding: 1}), L.globalMaxPooling2d({}), L.dense({units: 2})]}),
  recurrent: () => functional([5, 4], x => {
    x = L.bidirectional({layer: L.lstm({units: 3, returnSequences: true}), mergeMode: 'concat'}).apply(x);
    x = L.rnn({cell: [L.gruCell({units: 3, resetAfter: false}), L.lstmCell({units: 2})], returnSequences: true}).apply(x);
    x = L.timeDistributed({layer: L.dense({units: 3})}).apply(x);
    return L.gru({units: 3, resetAfter: false}).apply(x);
  }),
  embedding: () => tf.sequential({layers: [L.embedding({inputDim: 7, outputDim: 4, inputLength: 5}), L.simpleRNN({units: 3})]}),
  nested: () => {
    const inner = tf.sequential({layers: [L.dense({units: 4, inputShape: [5], activation: 'hardSigmoid'}), L.dense({units: 5})]});
    return functional([6], x => L.dense({units: 2}).apply(inner.apply(L.dense({units: 5}).apply(x))));
  },
  multi_io: () => {
    const a = tf.input({shape: [5]}), b = tf.input({shape: [3]});
    const x = L.concatenate().apply([L.dense({units: 3}).apply(a), b]);
    return tf.model({inputs: [a, b], outputs: [L.dense({units: 1}).apply(x), L.add().apply([L.dense({units: 3}).apply(x), b])]});
  },
};

let seed = 1;
const random = () => (seed = seed * 16807 % 2147483647) / 2147483647;

function writeNpy(file, tensor) {
  const shape = tensor.shape.length === 1 ? `${tensor.shape[0]},` : tensor.shape.join(', ');
  let header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape}), }`;
  header += ' '.repeat(63 - (10 + header.length) % 64) + '\n';
  const head = Buffer.alloc(10);
  head.write('\x93NUMPY\x01\x00', 'latin1');
  head.writeUInt16LE(header.length, 8);
  fs.writeFileSync(file, Buffer.concat([head, Buffer.from(header), Buffer.from(Float32Array.from(tensor.dataSync()).buffer)]));
  return {file: path.basename(file), shape: tensor.shape, dtype: 'float32'};
}

async function save(model, folder) {
  fs.mkdirSync(folder, {recursive: true});
  await model.save({save: async a => {
    fs.writeFileSync(path.join(folder, 'weights.bin'), Buffer.from(a.weightData));
    fs.writeFileSync(path.join(folder, 'model.json'), JSON.stringify({
      modelTopology: a.modelTopology, format: a.format, generatedBy: a.generatedBy, convertedBy: a.convertedBy,
      weightsManifest: [{paths: ['weights.bin'], weights: a.weightSpecs}]}));
    return {};
  }});
}

async function main() {
  for (const [name, build] of Object.entries(MODELS)) {
    const model = build();
    model.setWeights(model.getWeights().map(w => tf.tensor(Float32Array.from({length: w.size}, () => random() + 0.1 - 0.5), w.shape)));
    for (const layer of model.layers)
      if (layer.getClassName() === 'BatchNormalization') layer.setWeights(layer.getWeights().map(w => tf.abs(w).add(0.5)));
    const folder = path.join(process.argv[2], 'tfjs', `${name}_js`);
    fs.mkdirSync(folder, {recursive: true});
    const inputs = model.inputs.map(i => tf.tensor(
      Float32Array.from({length: 2 * i.shape.slice(1).reduce((a, b) => a * b, 1)},
                        () => name === 'embedding' ? Math.floor(random() * 7) : random() * 2 - 1), [2, ...i.shape.slice(1)]));
    const outputs = [].concat(model.predict(inputs.length === 1 ? inputs[0] : inputs));
    const facts = {
      group: 'tfjs', case: `${name}_js`, tfjs_version: tf.version.tfjs, computed_by: 'tfjs',
      layer_classes: [...new Set(model.layers.map(l => l.getClassName()))],
      inputs: inputs.map((x, i) => ({...writeNpy(path.join(folder, `x${i}.npy`), x),
                                     declared_shape: model.inputs[i].shape, declared_dtype: model.inputs[i].dtype})),
      outputs: outputs.map((y, i) => writeNpy(path.join(folder, `y${i}.npy`), y)),
      atol: 2e-5, rtol: 1e-4, files: {tfjs: 'saved'}, note: ''};
    fs.writeFileSync(path.join(folder, 'case.json'), JSON.stringify(facts, null, 1));
    await save(model, path.join(folder, 'tfjs'));
  }
}

main();
