# The versions that were tested.  "terraform init" adds the hashes of the packages that it downloads, whose signatures it
# checks; "terraform providers lock" adds those for other platforms.

provider "registry.terraform.io/databricks/databricks" {
  version     = "1.99.0"
  constraints = "~> 1.60"
}

provider "registry.terraform.io/hashicorp/aws" {
  version     = "6.25.0"
  constraints = "~> 6.0"
}

provider "registry.terraform.io/hashicorp/random" {
  version     = "3.7.2"
  constraints = "~> 3.6"
}
