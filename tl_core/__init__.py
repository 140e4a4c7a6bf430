"""Transfer learning for pictures, without a user interface.

Everything here works from a notebook, from the command line (``python -m tl_core``) and under the browser app.
No two modules import each other. The modules by theme, in the order in which a person comes to need them:

Ground: errors, progress, locks, names, workspace, recipe, statistics
One picture: images, capture, looks
Bringing pictures in: sources, layouts, reports, gathering, intake
The list of pictures: manifest, edits, changes, remarks
Splits without leaks: bursts, alike, splits, settling
Health check: measures, checks, shortcuts, health
Samples: bundled, downloads, tfds, samples, strangers
Networks: catalogue, preprocessing, lite, keras_networks, statedict, lite_weights, weights, backbone
Blocks and where to cut: wiring, grouping, costs, graph, outline, speed, estimates, sight, probe
Activations of the frozen trunk: forward, activations, keeping, feeding, features
Training: augment, model, callbacks, checkpoint, history, runs, training
Reading curves: courses, remedies, findings, pace, fit, diagnosis
Asking a model: anatomy, calibration, answers, answering, known, evaluation, prediction
How good: learners, crossval, scores, comparison
Where it errs: mistakes, mislabelled, thresholds
Why: gradcam, heat, occlusion, frame_swap, class_maps, neighbours, atlas, explain
Jobs: jobs, engine
Command line: terminal, showing, list_commands, run_commands, train_commands
"""
