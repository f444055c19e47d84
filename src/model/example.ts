/** TensorFlow's tf.Example and SequenceExample. */
export * from './generated/example.ts';
