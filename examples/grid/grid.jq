# The inertia of each model, and how many percent it is above the least of the same scale and number of clusters.
[inputs | (input_filename | split("/")) as $path | {scale: $path[1], init: $path[2], k, seed: $path[4][:-5], inertia: .metrics.inertia}]
| group_by([.scale, .k])[]
| (map(.inertia) | min) as $least
| .[]
| [.scale, .init, .k, .seed, .inertia, 100 * (.inertia / $least - 1)]
| join(",")
